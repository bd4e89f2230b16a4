/** Asks the Hub at the first argument for a page, in a process whose environment the test chooses. */
import { createHub } from "../../../../service/src/library/hub/index.ts";
import { systemClock } from "../../../../service/src/platform/clock.ts";
import { isAppError } from "../../../../service/src/platform/errors.ts";
import { createLog } from "../../../../service/src/platform/log.ts";

const hub = createHub({
  ...{ endpoint: process.argv[2] ?? "", token: () => null, offline: false, proxy: null, caFile: null },
  ...{ deadlineMs: () => 15_000, clock: systemClock, log: createLog({ debug: false }) },
});
const query = { search: "qwen", author: "", sort: "downloads", limit: 4 } as const;
try {
  const { entries } = await hub.listModels(query, new AbortController().signal);
  console.log(`${entries.length} entries`);
} catch (error) {
  if (!isAppError(error)) throw error;
  console.log(error.code);
} finally {
  await hub.close();
}
