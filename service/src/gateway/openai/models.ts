import type * as z from "zod";
import { OpenAIModelQuery } from "../../contract/openai.ts";
import type { OpenAIModel, OpenAIModelList } from "../../contract/openai.ts";
import type { Profile } from "../../contract/profiles.ts";
import { AppError } from "../../platform/errors.ts";
import { invalidRequest } from "../../platform/http/route.ts";
import { aliasEntries } from "../alias-entries.ts";
import type { GatewayDependencies, GatewayModel } from "../dependencies.ts";

type ModelDependencies = Pick<GatewayDependencies, "models" | "pool" | "profiles">;
type Entry = z.infer<typeof OpenAIModel>;

/** Every name that answers and can be listed: models that are wholly here, then named profiles of those. Loads nothing. */
export function listModels({ models, pool, profiles }: ModelDependencies): Entry[] {
  const complete = new Map(models.all().flatMap((model) => (model.complete ? [[model.id, model] as const] : [])));
  const ready = readyProfiles(pool);
  const all = profiles.all();
  const implicit = new Map(all.flatMap((profile) => (profile.implicit ? [[profile.model, profile.id] as const] : [])));
  // A model that is seen for the sake of a profile alone cannot be asked by its own name.
  const ofModels = [...complete.values()].flatMap((model) => {
    const own = implicit.get(model.id);
    return own === undefined ? [] : [entry(model.id, model, model.addedAt, ready.has(own))];
  });
  const ofProfiles = all.flatMap((profile) => {
    if (profile.remote !== null) return profile.slug ? [remoteEntry(profile.slug, profile, ready.has(profile.id))] : [];
    const model = complete.get(profile.model);
    return model && profile.slug ? [entry(profile.slug, model, profile.createdAt, ready.has(profile.id))] : [];
  });
  const listed = [...ofModels, ...ofProfiles];
  const byId = new Map(listed.map((each) => [each.id, each]));
  return [...listed, ...aliasEntries(profiles, byId, (each, id, target) => ({ ...each, id, alias_of: target }))];
}

/** `GET /v1/models`. @throws AppError `invalid_request` for a page that there is not. */
export function openAIModelPage(all: readonly Entry[], query: unknown): OpenAIModelList {
  const paging = OpenAIModelQuery.safeParse(query);
  if (!paging.success) throw invalidRequest(paging.error, "query");
  const { limit = all.length, after } = paging.data;
  const from = after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1;
  if (after !== undefined && from === 0)
    throw new AppError("invalid_request", '"after" names a model that is not in the list.', {
      details: { param: "after" },
    });
  const data = all.slice(from, from + limit);
  return {
    ...{ object: "list", data, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null },
    has_more: from + data.length < all.length,
  };
}

/** One name by the one resolver, so that whatever a chat accepts can be looked up. @throws AppError `model_not_found` */
export function getOpenAIModel({ models, pool, profiles }: ModelDependencies, name: string): Entry {
  const { profile, alias } = profiles.resolve(name);
  const aliasOf = alias === undefined ? {} : { alias_of: profile.slug ?? profile.model };
  if (profile.remote !== null)
    return { ...remoteEntry(name, profile, readyProfiles(pool).has(profile.id)), ...aliasOf };
  const model = models.find(profile.model);
  if (!model?.complete) {
    throw new AppError("model_not_found", `The model ${profile.model} is not wholly here yet. Download it first.`, {
      details: { model: profile.model },
    });
  }
  return { ...entry(name, model, createdAt(profile, model), readyProfiles(pool).has(profile.id)), ...aliasOf };
}

function readyProfiles(pool: ModelDependencies["pool"]): Set<string> {
  return new Set(pool.loaded().flatMap(({ profileId, state }) => (state === "ready" ? [profileId] : [])));
}

function createdAt(profile: Profile, model: GatewayModel): string {
  return profile.implicit ? model.addedAt : profile.createdAt;
}

/** What is elsewhere has a name here; its facts are not known. */
function remoteEntry(id: string, { model, createdAt: created }: Profile, loaded: boolean): Entry {
  return {
    ...{ id, object: "model", created: Math.floor(Date.parse(created) / 1000) },
    ...{ owned_by: model.split("/")[0] ?? model, type: "chat", context_length: null },
    ...{ capabilities: ["chat"], loaded, demo: false },
  };
}

function entry(id: string, model: GatewayModel, created: string, loaded: boolean): Entry {
  const { capabilities, contextLength } = model.facts;
  return {
    id,
    object: "model",
    created: Math.floor(Date.parse(created) / 1000),
    owned_by: model.id.split("/")[0] ?? model.id,
    type: capabilities.includes("chat") ? "chat" : capabilities.includes("embeddings") ? "embedding" : "other",
    context_length: contextLength,
    capabilities: [...capabilities],
    loaded,
    demo: model.demo,
  };
}
