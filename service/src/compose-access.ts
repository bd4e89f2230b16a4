import { join } from "node:path";
import type { Config } from "./config.ts";
import { createAuth, createNamedKeys, loadAdminKey } from "./core/auth/index.ts";
import type { Auth, NamedKeys } from "./core/auth/index.ts";
import { createRequests } from "./core/requests/index.ts";
import type { Requests, RequestsDependencies } from "./core/requests/index.ts";
import { createReader } from "./platform/database/reader.ts";
import type { Ids } from "./platform/ids.ts";
import type { Place } from "./platform/place.ts";
import { watchSwaps } from "./swap-watch.ts";

export interface AccessDependencies extends Omit<RequestsDependencies, "reader" | "secrets" | "swapCause"> {
  readonly ids: Ids;
  readonly place: Place;
  /** What people call a profile by its id. */
  readonly nameOf: (profileId: string) => string | null;
}

/** Who may ask, and what was asked. */
export interface Access {
  readonly auth: Auth;
  readonly keys: NamedKeys;
  readonly requests: Requests;
  /** After everything that still asks. */
  close(): Promise<void>;
}

export function composeAccess(config: Config, dependencies: AccessDependencies): Access {
  const { database, clock, events, ids, log, place, settings, nameOf } = dependencies;
  const adminKey = loadAdminKey(join(config.runPath, "admin.key"));
  const keys = createNamedKeys({ database, clock, ids, log: log.child({ slice: "auth" }) });
  const reader = createReader({ database, clock, workerFile: place.worker("platform/database/reader-main") });
  const requests = createRequests({
    ...{ database, clock, events, reader, settings, log: log.child({ slice: "requests" }) },
    secrets: () => [config.apiKey, adminKey, config.hubToken].filter((secret) => secret !== null),
    swapCause: watchSwaps(events, nameOf),
  });
  return {
    ...{ keys, requests, auth: createAuth({ masterKey: config.apiKey, adminKey, keys }) },
    async close() {
      requests.close();
      keys.close();
      await reader.close();
    },
  };
}
