import { isPattern } from "../contract/name-patterns.ts";
import type { GatewayDependencies } from "./dependencies.ts";

/**
 * Lists show an exact alias once more under its own name, as what it stands for is listed; a pattern is no name, and one
 * whose target is not listed answers nothing.
 */
export function aliasEntries<Entry>(
  { aliases }: Pick<GatewayDependencies["profiles"], "aliases">,
  listed: ReadonlyMap<string, Entry>,
  make: (entry: Entry, name: string, target: string) => Entry,
): Entry[] {
  return (aliases?.() ?? []).flatMap(({ name, found }) => {
    const target = found && (found.profile.slug ?? found.profile.model);
    const entry = target === null ? undefined : listed.get(target);
    if (target === null || entry === undefined || isPattern(name) || listed.has(name)) return [];
    return [make(entry, name, target)];
  });
}
