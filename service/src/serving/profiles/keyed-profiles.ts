import type * as z from "zod";
import type { Profile, ProfileCreate, ProfileDuplicate, ProfilePatch } from "../../contract/profiles.ts";
import { AppError } from "../../platform/errors.ts";
import { checkKeyTravels, originOf } from "./remote-address.ts";
import type { RemoteKeys } from "./remote-keys.ts";
import type { Profiles } from "./service.ts";

/** Changes of profiles together with their keys, which the rows know nothing of but that there is one. */
export interface KeyedProfiles {
  create(request: ProfileCreate): Promise<Profile>;
  update(id: string, patch: ProfilePatch): Promise<Profile>;
  duplicate(id: string, request: z.infer<typeof ProfileDuplicate>): Promise<Profile>;
  remove(id: string): Promise<Profile>;
}

type Rows = Pick<Profiles, "create" | "update" | "duplicate" | "remove" | "get" | "noteKey">;

/**
 * The row comes first and says that there is a key only once it is stored: whatever breaks in between, no row promises
 * a key that is not there.
 */
export function createKeyedProfiles(profiles: Rows, keys: RemoteKeys): KeyedProfiles {
  const keep = async ({ id, remote }: Profile, key: string): Promise<Profile> => {
    if (remote === null) throw needsRemote();
    await keys.store(id, remote, key);
    return profiles.noteKey(id, true);
  };
  return {
    async create({ remoteKey, ...request }) {
      if (remoteKey === undefined) return profiles.create(request);
      if (request.remote === null) throw needsRemote();
      checkKeyTravels(request.remote);
      const profile = profiles.create(request);
      try {
        return await keep(profile, remoteKey);
      } catch (error) {
        profiles.remove(profile.id);
        throw error;
      }
    },
    async update(id, { remoteKey, ...patch }) {
      const before = profiles.get(id);
      const address = patch.remote === undefined ? before.remote : patch.remote;
      if (typeof remoteKey === "string" && address === null) throw needsRemote();
      const hadKey = before.remote?.hasKey === true;
      const isMoved = before.remote !== null && address !== null && originOf(before.remote) !== originOf(address);
      if (hadKey && isMoved && remoteKey === undefined)
        throw wrongKey("belongs to another host. Send it again with the new address, or null to forget it");
      if (address !== null && (typeof remoteKey === "string" || (hadKey && remoteKey === undefined)))
        checkKeyTravels(address);
      const profile = profiles.update(id, patch);
      if (typeof remoteKey === "string") return keep(profile, remoteKey);
      if (!hadKey || (remoteKey === undefined && profile.remote !== null)) return profile;
      await keys.forget(id);
      return profile.remote === null ? profile : profiles.noteKey(id, false);
    },
    async duplicate(id, request) {
      const { remote } = profiles.get(id);
      const key = remote?.hasKey === true ? await keys.load(id, remote) : null;
      const copy = profiles.duplicate(id, request);
      return key === null ? copy : keep(copy, key);
    },
    async remove(id) {
      const hadKey = profiles.get(id).remote?.hasKey === true;
      const profile = profiles.remove(id);
      if (hadKey) await keys.forget(id);
      return profile;
    },
  };
}

function needsRemote(): AppError {
  return wrongKey("goes with the kind `remote` alone");
}

function wrongKey(text: string): AppError {
  return new AppError("invalid_request", `\`remoteKey\` ${text}.`, { details: { field: "remoteKey" } });
}
