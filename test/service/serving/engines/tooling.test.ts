import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "@jest/globals";
import { sharedUv } from "../../../tools/engine-environment.ts";
import { engineBench } from "./bench.ts";
import { programs, pythonPath } from "./engine-world.ts";
import type { EngineWorld } from "./engine-world.ts";
import { startIndex } from "./package-index-server.ts";
import { tinyWheel } from "./tiny-wheel.ts";

const bench = engineBench();
const onlyPython = () => programs(path.join(bench.folder, "only-python"), { python3: pythonPath() });
const nothing = () => programs(path.join(bench.folder, "nothing"), {});

/** Everything that a person or a program could read of what happened. */
const everything = async (world: EngineWorld, job: { id: string }): Promise<string> =>
  [await world.jobLog(job.id), JSON.stringify(world.jobs.get(job.id)), JSON.stringify(world.engines.list())]
    .concat(world.logged)
    .join("\n");

describe("the tools an engine is built with", () => {
  test("without uv on the PATH and on the index, Python's own venv and pip do it, told by pip's variables", async () => {
    const { UV_DEFAULT_INDEX: url = "", ...rest } = bench.environment({ PATH: onlyPython() });
    const world = bench.open({ environment: { ...rest, PIP_INDEX_URL: url, PIP_USER: "1", PIP_TARGET: "/nowhere" } });
    const job = await world.install();
    expect(job).toMatchObject({ state: "succeeded" });
    const log = await world.jobLog(job.id);
    expect(log).toContain("uv cannot be fetched");
    expect(log).toContain("Successfully installed");
  }, 120_000);

  test("uv that is not on the PATH comes from the user's index, checked by its pinned sum", async () => {
    // A wheel as uv's own are built: the program lies among its scripts.
    const uv = tinyWheel("uv", "0.99.0", {
      "uv-0.99.0.data/scripts/uv": `#!/bin/sh\nexec ${JSON.stringify(await sharedUv())} "$@"\n`,
    });
    const index = await startIndex({ json: true, userinfo: "person:pa55word" });
    index.add(uv, ...bench.wheels);
    bench.product.pinUv(uv);
    const environment = bench.environment({ PATH: onlyPython(), UV_DEFAULT_INDEX: index.url("person:pa55word") });
    const world = bench.open({ environment });
    const job = await world.install();
    expect(job).toMatchObject({ state: "succeeded" });
    expect(await world.jobLog(job.id)).toContain("uv: the pinned one from the package index");
    expect(await everything(world, job)).not.toContain("pa55word");
    await index.close();
  });

  test("another uv than the pinned one is never run, and nothing is built around it", async () => {
    const uv = tinyWheel("uv", "0.99.0", { "uv-0.99.0.data/scripts/uv": "#!/bin/sh\n" });
    const mark = path.join(bench.folder, "it-ran");
    const evil = tinyWheel("uv", "0.99.0", { "uv-0.99.0.data/scripts/uv": `#!/bin/sh\ntouch ${mark}\n` });
    bench.index.add(uv);
    bench.index.tampered.set(uv.file, evil.bytes);
    bench.product.pinUv(uv);
    const world = bench.open({ environment: bench.environment({ PATH: onlyPython() }) });
    expect(await world.install()).toMatchObject({ state: "failed", error: { code: "checksum_mismatch" } });
    expect(existsSync(mark)).toBe(false);
  });

  test("where neither uv nor Python can be had, the next step is told", async () => {
    const world = bench.open({ environment: bench.environment({ PATH: nothing() }) });
    const { error } = await world.install();
    expect(error?.message).toContain("Install one of them");
  });

  test("where no Python is, uv is asked to install one, from the mirror it is told of (no Python is installed for real)", async () => {
    // The mirror has no real Python, so this ends when uv has asked for it.
    const PATH = programs(path.join(bench.folder, "only-uv"), { uv: await sharedUv() });
    const mirror = `${bench.index.origin}/mirror`;
    const world = bench.open({ environment: bench.environment({ PATH, UV_PYTHON_INSTALL_MIRROR: mirror }) });
    const job = await world.install();
    expect(job).toMatchObject({ state: "failed" });
    expect(bench.index.asked).toContainEqual(expect.stringMatching(/^\/mirror\/.*cpython-3\.12/));
    expect(await world.jobLog(job.id)).toContain("no fit Python on the PATH");
  });
});

describe("the user's package index", () => {
  test("comes from pip's file for uv too, and its password is written nowhere", async () => {
    const index = await startIndex({ userinfo: "person:pa55word" });
    index.add(...bench.wheels);
    const home = path.join(bench.folder, "person");
    mkdirSync(path.join(home, ".config", "pip"), { recursive: true });
    const configuration = path.join(home, ".config", "pip", "pip.conf");
    writeFileSync(configuration, `[global]\nindex-url = ${index.url("person:pa55word")}\n`);
    const { UV_DEFAULT_INDEX: _, PIP_CONFIG_FILE: __, ...environment } = bench.environment();
    const world = bench.open({ environment });
    const job = await world.install();
    expect(job).toMatchObject({ state: "succeeded" });
    expect(await everything(world, job)).not.toContain("pa55word");
    await index.close();
  });

  test("refuses a wrong password: told as such, and not repeated anywhere", async () => {
    const index = await startIndex({ userinfo: "person:pa55word" });
    index.add(...bench.wheels);
    for (const PATH of [undefined, onlyPython()]) {
      rmSync(path.join(bench.folder, "home"), { recursive: true, force: true });
      const url = index.url("person:wr0ng-one");
      const environment = bench.environment({ UV_DEFAULT_INDEX: url, ...(PATH === undefined ? {} : { PATH }) });
      const world = bench.open({ environment });
      const job = await world.install();
      expect(job).toMatchObject({ state: "failed" });
      expect(job.error?.code).toMatch(/engine_failed|hub_unreachable/);
      expect(await everything(world, job)).not.toContain("wr0ng-one");
      await world.close();
    }
    await index.close();
  }, 120_000);
});
