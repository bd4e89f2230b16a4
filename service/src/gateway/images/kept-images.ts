import type { Clock } from "../../platform/clock.ts";

/** Images that were fetched, as data URIs. */
export interface KeptImages {
  find(address: string): string | null;
  keep(address: string, uri: string): void;
}

/** All together; a conversation has a few. */
const mostCharacters = 64 * 1024 * 1024;
/** Since they were last asked for. */
const keptMs = 3_600_000;

/**
 * A conversation names the same address at every turn. Kept, its image is not fetched again, and stays the same bytes
 * for the engine's prefix cache even where the address has changed its mind.
 */
export function keepImages(clock: Clock): KeptImages {
  const kept = new Map<string, { uri: string; usedAt: number }>();
  let characters = 0;
  let isSweeping = false;

  const drop = (address: string): void => {
    characters -= kept.get(address)?.uri.length ?? 0;
    kept.delete(address);
  };
  const use = (address: string, uri: string): void => {
    // The order of the map is the order of use.
    drop(address);
    kept.set(address, { uri, usedAt: clock.monotonic() });
    characters += uri.length;
  };
  const sweep = (): void => {
    isSweeping = false;
    for (const [address, { usedAt }] of kept) if (clock.monotonic() - usedAt >= keptMs) drop(address);
    beginSweeping();
  };
  const beginSweeping = (): void => {
    if (isSweeping || kept.size === 0) return;
    isSweeping = true;
    clock.after(keptMs, sweep);
  };

  return {
    find(address) {
      const found = kept.get(address);
      if (found === undefined) return null;
      use(address, found.uri);
      return found.uri;
    },
    keep(address, uri) {
      use(address, uri);
      for (const [oldest] of kept) {
        if (characters <= mostCharacters) break;
        drop(oldest);
      }
      beginSweeping();
    },
  };
}
