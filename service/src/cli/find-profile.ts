import type { Profile, ProfileView } from "../contract/profiles.ts";
import { matchesPattern } from "../contract/name-patterns.ts";
import type { Client } from "./api/client.ts";
import { everyPage } from "./api/every-page.ts";
import { CommandError } from "./command-error.ts";

/**
 * The profile a person means by a slug, a model id, a profile id, an alias or a name that fits a pattern.
 * @throws CommandError `not_found`
 */
export async function findProfile(client: Client, name: string): Promise<ProfileView> {
  const { items } = await everyPage((query) => client.call("listProfiles", { query }));
  const found = match(items, name) ?? (await byAlias(client, items, name));
  if (found) return found;
  const advice = name.includes("/")
    ? `Download it first: mlx-manager pull ${name}`
    : "See: mlx-manager profiles, mlx-manager ls";
  throw new CommandError("not_found", `No model, profile or alias is called "${name}". ${advice}`);
}

/** The service sorts them by how specific they are: the first that fits answers. */
async function byAlias(
  client: Client,
  profiles: readonly ProfileView[],
  name: string,
): Promise<ProfileView | undefined> {
  const aliases = (await client.call("listAliases", {})).items;
  const alias = aliases.find((each) => matchesPattern(each.name, name));
  return profiles.find(({ id }) => id === alias?.profileId);
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
