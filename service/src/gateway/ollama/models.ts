import type { Capability } from "../../contract/hub.ts";
import type { OllamaModel, OllamaModelList, OllamaRunningList } from "../../contract/ollama.ts";
import type { Profile } from "../../contract/profiles.ts";
import { AppError } from "../../platform/errors.ts";
import { aliasEntries } from "../alias-entries.ts";
import type { LibraryModel, OllamaDependencies, RunningServer } from "./dependencies.ts";
import { detailsOf, digestOf } from "./model-details.ts";

type ListDependencies = Pick<OllamaDependencies, "models" | "pool" | "profiles">;

/** `GET /api/tags`: models that are wholly here, then named profiles. Loads nothing. */
export function listOllamaModels({ models, profiles }: Omit<ListDependencies, "pool">): OllamaModelList {
  const complete = models.all().filter((model) => model.complete);
  const seen = profiles.all();
  // A model that is seen for the sake of a profile alone cannot be asked by its own name.
  const named = new Set(seen.flatMap((profile) => (profile.implicit ? [profile.model] : [])));
  const ofModels = complete.filter(({ id }) => named.has(id));
  const ofProfiles = seen.flatMap((profile) => {
    if (profile.slug === null) return [];
    if (profile.remote !== null) return [listed(profile.slug, null, profile.createdAt)];
    const model = complete.find(({ id }) => id === profile.model);
    return model ? [listed(profile.slug, model, profile.updatedAt)] : [];
  });
  const all = [...ofModels.map((model) => listed(model.id, model, model.addedAt)), ...ofProfiles];
  const byName = new Map(all.map((each) => [each.name, each]));
  return { models: [...all, ...aliasEntries(profiles, byName, (each, name) => ({ ...each, name, model: name }))] };
}

function listed(name: string, model: LibraryModel | null, modifiedAt: string): OllamaModelList["models"][number] {
  return {
    ...{ name, model: name, modified_at: modifiedAt, size: model?.sizeBytes ?? 0 },
    ...{ digest: digestOf(model, name), details: detailsOf(model) },
  };
}

/** Where nothing will unload it, and while it is at work. */
const never = "2100-01-01T00:00:00.000Z";

/** `GET /api/ps`: what can answer right now. One that is being unloaded is not among them. */
export function listRunning({ models, pool, profiles }: ListDependencies): OllamaRunningList {
  const all = new Map(profiles.all().map((profile) => [profile.id, profile]));
  const running = pool.loaded().filter(({ state, profileId }) => state === "ready" && all.has(profileId));
  return { models: running.map((server) => runningEntry(server, all.get(server.profileId) ?? null, models)) };
}

function runningEntry(
  server: RunningServer,
  profile: Profile | null,
  models: ListDependencies["models"],
): OllamaRunningList["models"][number] {
  const model = server.kind === "remote" ? null : models.find(server.model);
  const size = server.memory?.footprintBytes ?? server.reservedBytes;
  return {
    ...{ name: server.profile, model: server.profile, size, digest: digestOf(model, server.profile) },
    details: detailsOf(model),
    expires_at: server.expiresAt ?? never,
    // Memory is one here: what the engine holds, its models can use.
    size_vram: size,
    context_length: contextOf(profile, model) ?? 0,
  };
}

const capabilityNames = {
  chat: "completion",
  vision: "vision",
  audio: "audio",
  tools: "tools",
  thinking: "thinking",
  embeddings: "embedding",
} as const satisfies Record<Capability, OllamaModel["capabilities"][number]>;

/** `POST /api/show`, by the one resolver. @throws AppError `model_not_found` */
export function showModel({ models, profiles }: Omit<ListDependencies, "pool">, name: string | null): OllamaModel {
  if (name === null || name === "") throw new AppError("invalid_request", 'Name the model in "model".');
  const { profile } = profiles.resolve(name);
  const model = profile.remote === null ? models.find(profile.model) : null;
  if (profile.remote === null && !model?.complete) {
    throw new AppError("model_not_found", `The model ${profile.model} is not wholly here yet. Download it first.`, {
      details: { model: profile.model },
    });
  }
  const context = contextOf(profile, model);
  const parameters = parameterLines(profile, context);
  const commands = [`FROM ${profile.model}`, ...parameters.map((line) => `PARAMETER ${line}`)];
  return {
    modelfile: `${commands.join("\n")}\n`,
    parameters: parameters.join("\n"),
    // A model's own template is no template of Ollama's: clients that read one would misread the other.
    template: "",
    details: detailsOf(model),
    model_info: modelInfo(model, context),
    capabilities: model === null ? ["completion"] : model.facts.capabilities.map((one) => capabilityNames[one]),
    modified_at: profile.implicit && model !== null ? model.addedAt : profile.updatedAt,
  };
}

function modelInfo(model: LibraryModel | null, context: number | null): Record<string, string | number> {
  const architecture = model?.facts.architecture ?? "unknown";
  const count = model?.facts.parameters ?? null;
  return {
    "general.architecture": architecture,
    ...(model === null ? {} : { "general.basename": model.id }),
    ...(count === null ? {} : { "general.parameter_count": count }),
    ...(context === null ? {} : { [`${architecture}.context_length`]: context }),
  };
}

function parameterLines({ sampling }: Profile, context: number | null): string[] {
  const values = {
    ...{ num_ctx: context, num_predict: sampling.maxTokens, temperature: sampling.temperature },
    ...{ top_p: sampling.topP, top_k: sampling.topK, min_p: sampling.minP, seed: sampling.seed },
    ...{ repeat_penalty: sampling.repetitionPenalty, presence_penalty: sampling.presencePenalty },
    frequency_penalty: sampling.frequencyPenalty,
  };
  return Object.entries(values).flatMap(([name, value]) => (typeof value === "number" ? [`${name} ${value}`] : []));
}

/** The model's own context, or less where the profile says so. */
function contextOf(profile: Profile | null, model: LibraryModel | null): number | null {
  const own = model?.facts.contextLength ?? null;
  const said = profile?.limits.contextTokens ?? null;
  return own === null || said === null ? (said ?? own) : Math.min(own, said);
}
