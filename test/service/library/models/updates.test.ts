import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { Jobs } from "../../../../service/src/core/jobs/index.ts";
import { createModelCare } from "../../../../service/src/library/models/index.ts";
import type { ModelCare } from "../../../../service/src/library/models/index.ts";
import { AppError } from "../../../../service/src/platform/errors.ts";
import { failureOf, recordedLog } from "../parts.ts";
import { addRevision, commitOf } from "./hub-cache.ts";
import { openModelsBench } from "./models-bench.ts";
import type { ModelsBench } from "./models-bench.ts";

let bench: ModelsBench;
let care: ModelCare;
let asked: string[];
let isOn: boolean;
let answers: Record<string, string | Error>;
const hub = { offline: false };
const log = recordedLog();

beforeEach(async () => {
  bench = await openModelsBench();
  Object.assign(hub, { offline: false });
  asked = [];
  answers = {};
  isOn = true;
  care = createModelCare({
    models: bench.models,
    jobs: { register: () => undefined } as unknown as Jobs,
    hub: {
      get offline() {
        return hub.offline;
      },
      tree: () => Promise.reject(new Error("not asked here")),
      repository: (model) => {
        asked.push(model);
        const answer = answers[model] ?? commitOf(model);
        return answer instanceof Error ? Promise.reject(answer) : Promise.resolve({ sha: answer } as never);
      },
    },
    checksForUpdates: () => isOn,
    clock: bench.clock,
    log: log.log,
  });
});
afterEach(async () => {
  await care.updates.close();
  await bench.close();
});

const signal = new AbortController().signal;
const checkNow = (id: string) => care.updates.check(bench.models.get(id), signal);
/** Lets the next pause between checks pass, whatever its length. */
const pass = async (): Promise<number> => {
  const waited = await bench.clock.pass((milliseconds) => milliseconds >= 15_000 && milliseconds !== 30_000);
  await new Promise((resolve) => setImmediate(resolve));
  return waited;
};

describe("updates", () => {
  test("a newer commit on the Hub is known after one light request, and told", async () => {
    await addRevision(bench.cache, { id: "org/one" });
    await bench.models.rescan();
    expect(bench.models.get("org/one").latestRevision).toBeNull();
    bench.told();
    answers["org/one"] = "f".repeat(40);
    await checkNow("org/one");
    expect(asked).toEqual(["org/one"]);
    expect(bench.models.get("org/one").latestRevision).toBe("f".repeat(40));
    expect(bench.told()).toEqual(["model.changed org/one"]);
    await bench.restart();
    expect(bench.models.get("org/one").latestRevision).toBe("f".repeat(40));
  });

  test("what the Hub refuses is the caller's to know; what is not of the Hub is not asked", async () => {
    await addRevision(bench.cache, { id: "org/one" });
    await bench.models.rescan();
    answers["org/one"] = new AppError("gated_no_token", "gated");
    expect((await failureOf(checkNow("org/one"))).code).toBe("gated_no_token");
    expect((await failureOf(checkNow("mlx-manager/demo"))).code).toBe("unsupported");
  });

  test("each model on main is asked for once a day, one at a time, the longest waiting first", async () => {
    await addRevision(bench.cache, { id: "org/one" });
    await addRevision(bench.cache, { id: "org/two" });
    await addRevision(bench.cache, { id: "org/pinned", refs: ["v1"] });
    await bench.models.rescan();
    answers["org/two"] = new AppError("gated_not_accepted", "gated");
    care.updates.begin();
    for (let turn = 0; turn < 4; turn += 1) expect(await pass()).toBeGreaterThanOrEqual(20_000);
    expect(asked.sort()).toEqual(["org/one", "org/two"]);
    expect(log.text()).not.toContain('"level":40');
    bench.clock.set(bench.clock.now() + 24 * 60 * 60 * 1000);
    await pass();
    await pass();
    expect(asked).toHaveLength(4);
  });

  test("nobody is asked while the setting is off or the service is offline, and a silent Hub is asked again", async () => {
    await addRevision(bench.cache, { id: "org/one" });
    await bench.models.rescan();
    isOn = false;
    care.updates.begin();
    await pass();
    isOn = true;
    Object.assign(hub, { offline: true });
    await pass();
    expect(asked).toEqual([]);
    Object.assign(hub, { offline: false });
    answers["org/one"] = new AppError("hub_unreachable", "away");
    await pass();
    await pass();
    expect(asked).toEqual(["org/one", "org/one"]);
  });
});
