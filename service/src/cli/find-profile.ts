import type { Profile, ProfileView } from "../contract/profiles.ts";
import type { Client } from "./api/client.ts";
import { everyPage } from "./api/every-page.ts";
import { CommandError } from "./command-error.ts";

/** The profile a person means by a slug, a model id, an alias or a profile id. @throws CommandError `not_found` */
export async function findProfile(client: Client, name: string): Promise<ProfileView> {
  const [{ items }, settings] = await Promise.all([
    everyPage((query) => client.call("listProfiles", { query })),
    client.call("getSettings", {}),
  ]);
  const aliases = settings.aliases.value;
  const found = match(items, name) ?? (Object.hasOwn(aliases, name) ? match(items, aliases[name] ?? "") : undefined);
  if (found) return found;
  const advice = name.includes("/")
    ? `Download it first: mlx-manager pull ${name}`
    : "See: mlx-manager profiles, mlx-manager ls";
  throw new CommandError("not_found", `No model, profile or alias is called "${name}". ${advice}`);
}

function match(profiles: readonly ProfileView[], name: string): ProfileView | undefined {
  return (
    profiles.find(({ slug }) => slug === name) ??
    profiles.find(({ implicit, model }) => implicit && model === name) ??
    profiles.find(({ id }) => id === name)
  );
}

/** What a person calls a profile. */
export function nameOf({ slug, model }: Profile): string {
  return slug ?? model;
}
