import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "@jest/globals";
import { processesWith } from "../../../tools/processes-with.ts";
import { engineBench } from "./bench.ts";
import type { EngineWorld } from "./engine-world.ts";
import { tinyWheel } from "./tiny-wheel.ts";

const id = "mlx-lm";
const bench = engineBench();

/** Environments in the engines folder, whole or not. */
const folders = (enginesPath = path.join(bench.folder, "home", "engines")): string[] =>
  existsSync(path.join(enginesPath, id))
    ? readdirSync(path.join(enginesPath, id)).filter((name) => /^[0-9a-f]{16}$/.test(name))
    : [];
/** What the installer has started and that still runs. */
const toolProcesses = () => processesWith(`HOME=${path.join(bench.folder, "person")}`);
const versionIn = (world: EngineWorld): string =>
  execFileSync(world.engines.environment(id).python, [
    "-c",
    "import importlib.metadata as m; print(m.version('mlx-lm'))",
  ])
    .toString()
    .trim();

describe("installing an engine", () => {
  test("builds what the lock pins, proves it and only then calls it installed", async () => {
    const world = bench.open();
    expect(world.engines.get(id)).toMatchObject({ state: "absent", version: null, availableVersion: "1.0.0" });
    const begun = world.engines.install(id);
    expect(world.engines.get(id)).toMatchObject({ state: "installing", jobId: begun.id });
    const job = await world.jobs.finished(begun.id);
    expect(job).toMatchObject({ kind: "engine-install", subject: id, state: "succeeded", error: null });
    expect(world.states).toEqual(["installing", "installed"]);
    expect(world.engines.get(id)).toMatchObject({ state: "installed", version: "1.0.0", jobId: null, reason: null });
    expect(world.engines.get(id).sizeBytes).toBeGreaterThan(100);
    expect(versionIn(world)).toBe("1.0.0");
    const log = await world.jobLog(job.id);
    expect(log).toContain("+ mlx-lm==1.0.0");
  });

  test("a second wish while it runs answers the running job", async () => {
    const world = bench.open();
    const first = world.engines.install(id);
    expect(world.engines.install(id).id).toBe(first.id);
    expect(world.engines.update(id).id).toBe(first.id);
    await world.jobs.finished(first.id);
    expect(bench.index.asked.filter((asked) => asked.endsWith("mlx-1.0.0-py3-none-any.whl"))).toHaveLength(1);
  });

  test("tells how many packages are done", async () => {
    const world = bench.open();
    const seen: string[] = [];
    await world.engines.ensureInstalled(id, new AbortController().signal, ({ phase, done, total }) =>
      seen.push(`${phase} ${done}/${total}`),
    );
    expect(seen.at(0)).toBe("finding tools null/null");
    const job = world.jobs.latest("engine-install", id);
    expect(job).toMatchObject({ state: "succeeded" });
  });

  test("cancelled, it ends the tool at work and leaves nothing; begun again, it succeeds", async () => {
    bench.index.stalled.add(bench.wheels[0]?.file ?? "");
    const world = bench.open();
    const begun = world.engines.install(id);
    await bench.index.stalling();
    const job = await world.jobs.cancel(begun.id);
    await bench.index.left();
    expect(job).toMatchObject({ state: "cancelled", error: null });
    expect(folders()).toEqual([]);
    expect(world.engines.get(id)).toMatchObject({ state: "absent", reason: null });
    bench.index.stalled.clear();
    expect(await world.install()).toMatchObject({ state: "succeeded" });
    expect(world.states).toEqual(["installing", "absent", "installing", "installed"]);
  });

  test("its tool killed, it fails with the reason, leaves nothing, and can be begun again", async () => {
    bench.index.stalled.add(bench.wheels[0]?.file ?? "");
    const world = bench.open();
    const begun = world.engines.install(id);
    const waiting = world.engines.ensureInstalled(id, new AbortController().signal).catch((error: unknown) => error);
    await bench.index.stalling();
    const tools = toolProcesses();
    expect(tools).not.toEqual([]);
    for (const pid of tools) process.kill(pid, "SIGKILL");
    const job = await world.jobs.finished(begun.id);
    expect(job).toMatchObject({ state: "failed", error: { message: expect.stringMatching(/./) } });
    expect(await waiting).toMatchObject({ message: job.error!.message });
    await bench.index.left();
    expect([folders(), toolProcesses()]).toEqual([[], []]);
    bench.index.stalled.clear();
    expect(await world.install()).toMatchObject({ state: "succeeded" });
  });

  test("a package whose bytes are not the pinned ones stops it, and the next step is told", async () => {
    const other = tinyWheel("mlx-lm", "1.0.0", { "mlx_lm/__init__.py": "raise SystemExit('not ours')" });
    bench.index.tampered.set(other.file, other.bytes);
    const world = bench.open();
    const job = await world.install();
    expect(job).toMatchObject({ state: "failed", error: { code: "checksum_mismatch" } });
    expect(folders()).toEqual([]);
    expect(world.engines.get(id)).toMatchObject({ state: "absent", reason: { code: "checksum_mismatch" } });
  });

  test("an index that cannot be reached is told as such, without local paths", async () => {
    const world = bench.open({ environment: bench.environment({ UV_DEFAULT_INDEX: "http://127.0.0.1:9/simple" }) });
    const { error } = await world.install();
    expect(error).toMatchObject({ code: "hub_unreachable" });
    expect(JSON.stringify(error)).not.toContain(bench.folder);
  });

  test("a broken file is told as such", async () => {
    const [wheel] = bench.wheels;
    bench.index.tampered.set(wheel?.file ?? "", Buffer.from(wheel?.bytes ?? "").fill(0, 40, 60));
    expect(await bench.open().install()).toMatchObject({ state: "failed", error: { code: "checksum_mismatch" } });
  });

  test("a whole environment that no longer works is built anew by installing again", async () => {
    const world = bench.open();
    await world.install();
    const { python } = world.engines.environment(id);
    const site = path.join(python, "..", "..", "lib");
    const packages = path.join(site, readdirSync(site)[0] ?? "", "site-packages");
    rmSync(path.join(packages, "mlx_lm"), { recursive: true });
    const again = await world.install();
    expect(again).toMatchObject({ state: "succeeded" });
    expect(await world.jobLog(again.id)).toContain("does not work; it is built anew");
    expect(existsSync(path.join(packages, "mlx_lm", "server.py"))).toBe(true);
  });
});

describe("updating an engine", () => {
  test("a failed update leaves the engine as it was; a good one keeps the old for the way back", async () => {
    const first = bench.open();
    await first.install();
    const old = first.engines.environment(id);
    await first.close();

    const [newest] = bench.release("2.0.0");
    bench.index.remove(newest?.file ?? "");
    const second = bench.open();
    expect(second.engines.get(id)).toMatchObject({ state: "installed", version: "1.0.0", availableVersion: "2.0.0" });
    const failed = await second.jobs.finished(second.engines.update(id).id);
    expect(failed.state).toBe("failed");
    expect(second.states).toEqual(["updating", "installed"]);
    expect(second.engines.environment(id)).toEqual(old);
    expect(folders()).toEqual([old.lockHash]);

    if (newest) bench.index.add(newest);
    expect(await second.jobs.finished(second.engines.update(id).id)).toMatchObject({ state: "succeeded" });
    expect(versionIn(second)).toBe("2.0.0");
    expect(folders()).toHaveLength(2);
    await second.close();

    // The earlier release again: its environment is still there, nothing is fetched.
    bench.product.pin(bench.wheels);
    await bench.index.close();
    const third = bench.open({ offline: true });
    expect(await third.install()).toMatchObject({ state: "succeeded" });
    expect(third.engines.environment(id)).toEqual(old);
    expect(versionIn(third)).toBe("1.0.0");
  }, 120_000);

  test("going back takes the environment before, which nothing has to fetch; again goes forward", async () => {
    const first = bench.open();
    await first.install();
    expect(first.engines.get(id)).toMatchObject({ version: "1.0.0", previousVersion: null });
    expect(() => first.engines.rollback(id)).toThrow("no earlier environment");
    await first.close();
    bench.release("2.0.0");
    const second = bench.open();
    const release = second.engines.hold(id);
    await second.jobs.finished(second.engines.update(id).id);
    expect(second.engines.get(id)).toMatchObject({ version: "2.0.0", previousVersion: "1.0.0" });
    release();
    const asked = bench.index.asked.length;
    expect(second.engines.rollback(id)).toMatchObject({
      state: "installed",
      version: "1.0.0",
      previousVersion: "2.0.0",
    });
    expect(versionIn(second)).toBe("1.0.0");
    await second.close();

    // A restart keeps what was chosen, though the release pins the newer one.
    const third = bench.open();
    expect(third.engines.get(id)).toMatchObject({ version: "1.0.0", availableVersion: "2.0.0" });
    expect(third.engines.rollback(id)).toMatchObject({ version: "2.0.0", previousVersion: "1.0.0" });
    expect(versionIn(third)).toBe("2.0.0");
    expect(bench.index.asked).toHaveLength(asked);
    await third.jobs.finished(third.engines.remove(id).id);
    expect(third.engines.get(id)).toMatchObject({ state: "absent", previousVersion: null });
    expect(folders()).toEqual([]);
  }, 120_000);

  test("while the engine is changed there is no way back", async () => {
    const first = bench.open();
    await first.install();
    await first.close();
    const [newest] = bench.release("2.0.0");
    bench.index.stalled.add(newest?.file ?? "");
    const second = bench.open();
    const job = second.engines.update(id);
    await bench.index.stalling();
    expect(() => second.engines.rollback(id)).toThrow("being changed");
    await second.jobs.cancel(job.id);
  }, 120_000);

  test("the third environment takes the place of the first", async () => {
    for (const version of ["1.0.0", "2.0.0", "3.0.0"]) {
      bench.release(version);
      const world = bench.open();
      expect(await world.install()).toMatchObject({ state: "succeeded" });
      expect(versionIn(world)).toBe(version);
      await world.close();
    }
    expect(folders()).toHaveLength(2);
  }, 120_000);
});

describe("after a crash", () => {
  test("the job begins again, and the tool that outlived the service is ended first", async () => {
    bench.index.stalled.add(bench.wheels[0]?.file ?? "");
    const home = path.join(bench.folder, "home");
    const doomed = spawn(
      process.execPath,
      ["--disable-warning=ExperimentalWarning", fileURLToPath(new URL("./doomed-installer.ts", import.meta.url))],
      { env: bench.environment({ DOOMED_HOME: home, DOOMED_PRODUCT: bench.product.enginesFolder }), stdio: "inherit" },
    );
    const ended = once(doomed, "exit");
    const early = ended.then(() => Promise.reject(new Error("The service ended before it was killed.")));
    await Promise.race([bench.index.stalling(), early]);
    early.catch(() => undefined);
    doomed.kill("SIGKILL");
    await ended;
    expect(folders()).toHaveLength(1);

    bench.index.stalled.clear();
    const world = bench.open({ home });
    expect(world.engines.get(id).state).toBe("installing");
    const job = world.jobs.active("engine-install", id);
    expect(await world.jobs.finished(job?.id ?? "")).toMatchObject({ state: "succeeded" });
    await bench.index.left();
    expect(versionIn(world)).toBe("1.0.0");
    expect(readdirSync(path.join(home, "engines", id)).filter((name) => name.endsWith(".tool"))).toEqual([]);
  });

  test("what an abandoned installation of an earlier release left is swept up", async () => {
    const left = path.join(bench.folder, "home", "engines", id, "0123456789abcdef");
    mkdirSync(left, { recursive: true });
    writeFileSync(path.join(left, "pyvenv.cfg"), "");
    await bench.open().install();
    expect(existsSync(left)).toBe(false);
    expect(folders()).toHaveLength(1);
  });

  test("a stop of the service queues the job again", async () => {
    bench.index.stalled.add(bench.wheels[0]?.file ?? "");
    const world = bench.open();
    world.engines.install(id);
    await bench.index.stalling();
    await world.close();
    expect(folders()).toEqual([]);
    bench.index.stalled.clear();
    const again = bench.open();
    const job = again.jobs.active("engine-install", id);
    expect(await again.jobs.finished(job?.id ?? "")).toMatchObject({ state: "succeeded" });
  });
});
