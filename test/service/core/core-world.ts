import type { ServerEvent } from "../../../service/src/contract/events.ts";
import type { Database } from "../../../service/src/platform/database/open.ts";
import { createEvents } from "../../../service/src/platform/events.ts";
import type { Ids } from "../../../service/src/platform/ids.ts";
import { createLog } from "../../../service/src/platform/log.ts";
import { manualClock } from "../../tools/manual-clock.ts";
import { testDatabase } from "../serving/database.ts";

/** What every slice of the core is made with, with everything that happened to be looked at. */
export function coreWorld(database: Database = testDatabase()) {
  const clock = manualClock();
  const seen: ServerEvent[] = [];
  const logged: Record<string, unknown>[] = [];
  const log = createLog({
    debug: true,
    destination: { write: (line) => void logged.push(JSON.parse(line) as Record<string, unknown>) },
  });
  const events = createEvents({
    ...{ clock, boot: "boot" },
    onListenerError: (error) => {
      throw error;
    },
  });
  events.listen((event) => seen.push(event));
  let made = 0;
  const ids: Ids = (prefix) => `${prefix}_${String((made += 1)).padStart(4, "0")}`;
  return { clock, database, events, ids, log, logged, seen };
}
