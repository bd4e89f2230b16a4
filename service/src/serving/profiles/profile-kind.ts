import { modelIdPattern } from "../../contract/common.ts";
import { defaultEngine, engineCapabilities } from "../../contract/engine-capabilities.ts";
import type { EngineId } from "../../contract/engines.ts";
import type { ProfileRemote, RemoteAddress } from "../../contract/profile-kinds.ts";
import type { Profile, ProfileCreate, ProfilePatch } from "../../contract/profiles.ts";
import { AppError } from "../../platform/errors.ts";
import { wrongHosts } from "../cluster/index.ts";
import { clusterEngine } from "./chosen-engine.ts";
import { checkedAddress, originOf } from "./remote-address.ts";

type Created = Omit<ProfileCreate, "preset" | "remoteKey">;
type Completed = "model" | "remote" | "engine" | "engineChoice";
export type CompleteCreate = Omit<Created, Completed> & Pick<Profile, Completed>;

/** A request with what follows from its kind. Its key, if it brings one, is stored apart. */
export function completeCreate({ remote, ...request }: Created): CompleteCreate {
  const address = remote === null ? null : { ...checkedAddress(remote), hasKey: false };
  const model = request.model ?? (address === null ? null : modelNameOf(address.model));
  if (model === null) throw wrong("model", "is needed: it names what is served");
  return { ...request, ...engineAsSaid(request.engine), model, remote: address };
}

/** What a patch changes of kind, address and engine, complete. Its key is stored apart. */
export function completePatch(profile: Profile, patch: Omit<ProfilePatch, "preset" | "remoteKey">): Partial<Profile> {
  const { remote, ...rest } = patch;
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  const next: Partial<Profile> = { ...given, ...(patch.engine === undefined ? {} : engineAsSaid(patch.engine)) };
  if (remote === undefined) return next;
  return { ...next, remote: remote === null ? null : movedAddress(profile.remote, checkedAddress(remote)) };
}

/** @throws AppError `invalid_request` for parts that do not go together, with the next step. */
export function checkKind(profile: Omit<CompleteCreate, "slug" | "name"> & { readonly implicit?: boolean }): void {
  const { kind, remote, cluster, engine, engineOptions, limits } = profile;
  if ((remote !== null) !== (kind === "remote"))
    throw wrong("remote", kind === "remote" ? "is needed for the kind `remote`" : "goes with the kind `remote` alone");
  if ((cluster !== null) !== (kind === "cluster"))
    throw wrong(
      "cluster",
      kind === "cluster" ? "is needed for the kind `cluster`" : "goes with the kind `cluster` alone",
    );
  if (kind === "remote") {
    if (profile.implicit === true) throw wrong("kind", "of a model's own profile stays on this machine. Duplicate it");
    if (limits.contextTokens !== undefined) throw wrong("limits.contextTokens", "has no effect on a remote service");
    return;
  }
  if (engine === "remote") throw wrong("engine", "`remote` goes with the kind `remote`");
  if (cluster === null) return;
  if (!engineCapabilities[engine].clusters)
    throw wrong("engine", `must be ${clusterEngine()}: no other runs on a cluster`);
  for (const name of ["draftModel", "adapterPath"] as const)
    if (engineOptions[name] !== undefined) throw wrong(`engineOptions.${name}`, "does not work on a cluster");
  const problem = wrongHosts(cluster);
  if (problem !== null) throw new AppError("invalid_request", problem, { details: { field: "cluster.hosts" } });
}

/** What may be shown and exported of it. */
export function addressOf(remote: ProfileRemote | null): RemoteAddress | null {
  if (remote === null) return null;
  const { hasKey: _, ...address } = remote;
  return address;
}

/** A copy of a profile has the address, and no key until one is stored for it. */
export function withoutKey(remote: ProfileRemote | null): ProfileRemote | null {
  return remote && { ...remote, hasKey: false };
}

/** A key stays with its host. */
function movedAddress(before: ProfileRemote | null, address: RemoteAddress): ProfileRemote {
  const isSameHost = before !== null && originOf(before) === originOf(address);
  return { ...address, hasKey: isSameHost && before.hasKey };
}

/** What a request says of the engine; `engineOf` has the last word, and gives the reason. */
function engineAsSaid(engine: EngineId | null): Pick<Profile, "engine" | "engineChoice"> {
  const isSaid = engine !== null && engine !== "remote";
  return { engine: engine ?? defaultEngine, engineChoice: { by: isSaid ? "profile" : "model", reason: "" } };
}

/** What a remote model stands for here: its own name where that has an owner, else a name below `remote/`. */
function modelNameOf(name: string): string {
  if (modelIdPattern.test(name) && !name.includes("--") && !name.includes("..")) return name;
  const plain = name.replace(/[^A-Za-z0-9_.-]+/g, "-").replace(/^[.-]+/, "");
  return `remote/${
    plain
      .replace(/-{2,}/g, "-")
      .replace(/\.{2,}/g, ".")
      .slice(0, 96) || "model"
  }`;
}

function wrong(field: string, text: string): AppError {
  return new AppError("invalid_request", `\`${field}\` ${text}.`, { details: { field } });
}
