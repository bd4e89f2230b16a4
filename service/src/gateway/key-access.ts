import type { Profile } from "../contract/profiles.ts";
import { AppError } from "../platform/errors.ts";
import type { RequestKey } from "../platform/http/context.ts";
import type { GatewayDependencies } from "./dependencies.ts";

type Accessible = Pick<GatewayDependencies, "models" | "profiles">;

/** What a request may use that came with a key: its models, and the responses that were made with the same key. */
export function requestAccess(dependencies: GatewayDependencies, key: RequestKey | null): GatewayDependencies {
  if (key === null) return dependencies;
  const own = dependencies.responses.ownedBy(key.id);
  return accessWith({ ...dependencies, responses: { ...own, ownedBy: () => own } }, key);
}

/**
 * What a request sees that came with a key: the models and profiles the key may ask, and no others. Every protocol finds
 * its models through these, so none can forget to look at the key.
 */
export function accessWith<Dependencies extends Accessible>(
  dependencies: Dependencies,
  key: Pick<RequestKey, "models"> | null,
): Dependencies {
  if (key === null || key.models === null) return dependencies;
  const { models, profiles } = dependencies;
  const names = new Set(key.models);
  const isAllowed = ({ model, slug }: Profile): boolean => names.has(model) || (slug !== null && names.has(slug));
  return {
    ...dependencies,
    models: {
      ...models,
      all() {
        const asked = new Set(profiles.all().flatMap((profile) => (isAllowed(profile) ? [profile.model] : [])));
        return models.all().filter(({ id }) => names.has(id) || asked.has(id));
      },
    },
    profiles: {
      ...profiles,
      all: () => profiles.all().filter(isAllowed),
      aliases: () => (profiles.aliases?.() ?? []).filter(({ found }) => found !== null && isAllowed(found.profile)),
      resolve(name: Parameters<Accessible["profiles"]["resolve"]>[0]) {
        const resolved = profiles.resolve(name);
        if (isAllowed(resolved.profile)) return resolved;
        const { slug, model } = resolved.profile;
        throw new AppError(
          "forbidden",
          `This API key may not ask ${slug ?? model}. Its own: ${[...names].join(", ")}.`,
        );
      },
    },
    // The same with less in it, whatever more the caller's own type says.
  } as Dependencies;
}
