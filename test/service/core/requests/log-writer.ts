import { openDatabase } from "../../../../service/src/platform/database/open.ts";
import { coreWorld } from "../core-world.ts";
import { createRequests } from "../../../../service/src/core/requests/index.ts";
import { createSettings } from "../../../../service/src/core/settings/index.ts";
import { finishedRequest } from "./finished-request.ts";

/** Writes rows with texts, tells how many are written, and goes on until it is killed. */
const core = coreWorld(openDatabase(process.argv[2] ?? ""));
const reader = { all: () => Promise.resolve([]), close: () => Promise.resolve() };
const settings = createSettings({ ...core, fixed: {} });
const requests = createRequests({ ...core, settings, reader, secrets: () => [], swapCause: () => null });
for (let written = 1; ; written += 1) {
  for (let number = 0; number < 20; number += 1) {
    const texts = { request: "x".repeat(2000), answer: [] };
    requests.record(finishedRequest({ id: `${written}-${number}` }), texts);
  }
  requests.flush();
  process.stdout.write(`${written}\n`);
  await new Promise((resolve) => setImmediate(resolve));
}
