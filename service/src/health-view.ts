import { apiVersion } from "./contract/system.ts";
import type { Health } from "./contract/system.ts";
import type { Auth } from "./core/auth/index.ts";
import type { Models } from "./library/models/index.ts";
import type { Clock } from "./platform/clock.ts";
import { isDatabaseWell } from "./platform/database/open.ts";
import type { Database } from "./platform/database/open.ts";
import type { Pool } from "./serving/pool/index.ts";

export interface HealthViewDependencies {
  readonly auth: Auth;
  readonly clock: Clock;
  readonly database: Database;
  readonly models: Models;
  readonly pool: Pool;
  /** Of the clock's monotonic time. */
  readonly startedAt: number;
  readonly version: string;
  readonly isStopping: () => boolean;
}

/** What `GET /api/health` tells. Callers without a key get no counts; the agents' ones are 0 until there are agents. */
export function createHealthView(dependencies: HealthViewDependencies): (trusted: boolean) => Health {
  const { auth, clock, database, models, pool, startedAt, version, isStopping } = dependencies;
  return (trusted) => {
    const isWell = isDatabaseWell(database);
    const counts = () => ({
      ...{ models: models.all().length, servers: pool.loaded().length, components: 0, profiles: 0, projects: 0 },
    });
    return {
      status: isStopping() ? "stopping" : isWell ? "ok" : "error",
      ...{ version, apiVersion, uptimeSeconds: (clock.monotonic() - startedAt) / 1000 },
      database: isWell ? "ok" : "error",
      // Counting asks the database: while it does not answer, neither do the counts.
      ...(trusted && isWell ? { counts: counts() } : {}),
      authRequired: auth.isLocked(),
    };
  };
}
