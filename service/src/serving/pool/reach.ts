import type { Profile } from "../../contract/profiles.ts";
import { AppError } from "../../platform/errors.ts";
import { isLoopback } from "../../platform/http/guard.ts";
import { isThisMachine } from "../cluster/index.ts";

/** Refuses what is served elsewhere while no connection may leave this machine. @throws AppError `offline` */
export function checkReach({ remote, cluster }: Pick<Profile, "remote" | "cluster">, isOffline: boolean): void {
  if (!isOffline) return;
  const address = remote === null ? null : new URL(remote.baseUrl).hostname.replace(/^\[|\]$/g, "");
  const host =
    address !== null && !isLoopback(address) ? address : cluster?.hosts.find((each) => !isThisMachine(each))?.host;
  if (host === undefined) return;
  throw new AppError("offline", `${host} is another machine, and the service is offline (MLX_MANAGER_OFFLINE_MODE).`);
}
