import type { RemoteAddress } from "../../contract/profile-kinds.ts";
import { AppError } from "../../platform/errors.ts";
import { originOf } from "./remote-address.ts";

/** What keeping keys needs of core/secrets. */
export interface KeySecrets {
  get(name: string): Promise<string | null>;
  set(name: string, value: string): Promise<void>;
  remove(name: string): Promise<void>;
}

/**
 * The keys of remote profiles. Each is kept together with the host it is for and given out for that host alone, so
 * that a changed address never takes a key elsewhere.
 */
export interface RemoteKeys {
  /** Reads it from the store. Null: there is none for this address. */
  load(profileId: string, address: Pick<RemoteAddress, "baseUrl">): Promise<string | null>;
  /** What is known since `load`, newer changes included. */
  current(profileId: string, address: Pick<RemoteAddress, "baseUrl">): string | null;
  store(profileId: string, address: Pick<RemoteAddress, "baseUrl">, key: string): Promise<void>;
  forget(profileId: string): Promise<void>;
}

export function createRemoteKeys(secrets: KeySecrets): RemoteKeys {
  const known = new Map<string, string>();
  const keyIn = (stored: string | null | undefined, address: Pick<RemoteAddress, "baseUrl">): string | null => {
    const prefix = `${originOf(address)}|`;
    return stored?.startsWith(prefix) === true ? stored.slice(prefix.length) : null;
  };
  return {
    async load(profileId, address) {
      const stored = await secrets.get(nameOf(profileId));
      if (stored === null) known.delete(profileId);
      else known.set(profileId, stored);
      return keyIn(stored, address);
    },
    current: (profileId, address) => keyIn(known.get(profileId), address),
    async store(profileId, address, key) {
      const value = `${originOf(address)}|${key}`;
      await secrets.set(nameOf(profileId), value);
      known.set(profileId, value);
    },
    async forget(profileId) {
      known.delete(profileId);
      await secrets.remove(nameOf(profileId));
    },
  };
}

function nameOf(profileId: string): string {
  const plain = profileId.toLowerCase().replaceAll("_", "-");
  if (!/^[a-z0-9-]{1,50}$/.test(plain)) throw new AppError("internal", "This profile cannot have a key.");
  return `remote-key-${plain}`;
}
