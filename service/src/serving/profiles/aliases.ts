import { AliasName } from "../../contract/aliases.ts";
import type { Alias } from "../../contract/aliases.ts";
import { bySpecificity, isPattern } from "../../contract/name-patterns.ts";
import type { SettingValues } from "../../contract/settings.ts";
import { AppError } from "../../platform/errors.ts";
import type { NamedTarget, Profiles } from "./service.ts";

/** One alias at a time: two programs that set one each keep both, as a change of the whole setting would not. */
export interface Aliases {
  /** The most specific first. */
  list(): Alias[];
  /** @throws AppError `conflict` for a name that a profile or a model has, `invalid_request`. */
  set(name: string, target: string): Alias;
  /** @throws AppError `not_found` */
  remove(name: string): Alias;
}

export interface AliasesDependencies {
  readonly profiles: Pick<Profiles, "aliases">;
  readonly settings: {
    values(): Pick<SettingValues, "aliases">;
    update(patch: Pick<SettingValues, "aliases">): unknown;
  };
}

export function createAliases({ profiles, settings }: AliasesDependencies): Aliases {
  const list = (): Alias[] =>
    profiles
      .aliases()
      .map(viewOf)
      .sort((one, other) => bySpecificity(one.name, other.name));
  const find = (name: string): Alias => {
    const found = list().find((alias) => alias.name === name);
    if (found) return found;
    throw new AppError("not_found", `There is no alias "${name.slice(0, 200)}".`);
  };
  return {
    list,
    set(name, target) {
      const parsed = AliasName.safeParse(name);
      if (!parsed.success) throw new AppError("invalid_request", "An alias has 1 to 200 characters.");
      settings.update({ aliases: { ...settings.values().aliases, [name]: target } });
      return find(name);
    },
    remove(name) {
      const removed = find(name);
      const { [name]: _target, ...others } = settings.values().aliases;
      settings.update({ aliases: others });
      return removed;
    },
  };
}

function viewOf({ name, target, found }: NamedTarget): Alias {
  const { model = null, id = null } = found?.profile ?? {};
  return { name, target, isPattern: isPattern(name), model, profileId: id };
}
