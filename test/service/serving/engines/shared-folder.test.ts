import { existsSync, rmSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "@jest/globals";
import { engineBench } from "./bench.ts";

const id = "mlx-lm";
const bench = engineBench();
const shared = () => path.join(bench.folder, "shared-engines");
const open = (name: string, options = {}) =>
  bench.open({ home: path.join(bench.folder, name), enginesPath: shared(), ...options });

describe("an engines folder shared by two data directories", () => {
  test("two that install at once build one environment: the second waits and takes it", async () => {
    const stalled = bench.wheels[0]?.file ?? "";
    bench.index.stalled.add(stalled);
    const one = open("one");
    const two = open("two");
    const first = one.engines.install(id);
    await bench.index.stalling();
    const waiting = new Promise<void>((resolve) => {
      two.events.listen((event) => {
        if (event.type === "job.progress" && event.data.phase === "waiting for another service") resolve();
      });
    });
    const second = two.engines.install(id);
    await waiting;
    expect(two.engines.get(id).state).toBe("installing");
    // The first gives up, so the second builds; the first comes back and takes what is there.
    await one.jobs.cancel(first.id);
    bench.index.stalled.clear();
    expect(await two.jobs.finished(second.id)).toMatchObject({ state: "succeeded" });
    // Counted from here: the cancelled build may have fetched the packages that did not stall.
    const asked = [...bench.index.asked];
    expect(asked.some((path) => path.endsWith("/mlx-1.0.0-py3-none-any.whl"))).toBe(true);
    expect(await one.install()).toMatchObject({ state: "succeeded" });
    expect(one.engines.environment(id)).toEqual(two.engines.environment(id));
    expect(bench.index.asked).toEqual(asked);
  });

  test("a whole environment is taken up at the start, without the index and in offline mode", async () => {
    await open("one").install();
    await bench.index.close();
    const two = open("two", { offline: true });
    expect(two.engines.get(id)).toMatchObject({ state: "installed", version: "1.0.0" });
    expect(await two.install()).toMatchObject({ state: "succeeded" });
  });

  test("what another service runs from cannot be removed, and can when it has stopped", async () => {
    const one = open("one");
    await one.install();
    const two = open("two");
    const release = two.engines.hold(id);
    const refused = await one.jobs.finished(one.engines.remove(id).id);
    expect(refused).toMatchObject({ state: "failed", error: { code: "conflict" } });
    expect(one.engines.get(id).state).toBe("installed");
    release();
    const { python } = one.engines.environment(id);
    expect(await one.jobs.finished(one.engines.remove(id).id)).toMatchObject({ state: "succeeded" });
    expect(existsSync(python)).toBe(false);
    expect(one.engines.get(id)).toMatchObject({ state: "absent", version: null });
    expect(two.engines.get(id)).toMatchObject({ state: "broken", reason: { code: "engine_failed" } });
    expect(await two.install()).toMatchObject({ state: "succeeded" });
  });

  test("an environment whose Python has gone is broken, and installing repairs it", async () => {
    const world = open("one");
    await world.install();
    rmSync(world.engines.environment(id).python);
    expect(world.engines.get(id)).toMatchObject({ state: "broken" });
    expect(() => world.engines.environment(id)).toThrow("not installed");
    expect(await world.install()).toMatchObject({ state: "succeeded" });
    expect(world.engines.get(id).state).toBe("installed");
  });
});
