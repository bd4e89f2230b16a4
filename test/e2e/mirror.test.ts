import { mkdtemp, rm } from "node:fs/promises";
import { globSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { execa } from "execa";
import type { Download } from "../../service/src/contract/downloads.ts";
import { startFakeHub } from "../fakes/fake-hub/index.ts";
import type { FakeHub } from "../fakes/fake-hub/index.ts";
import { demoRepo, tinyRepo } from "../fixtures/hub-repos.ts";
import { downloaded, whenEnded } from "../service/library/mirror/mirror-world.ts";
import { cacheContent } from "../tools/cache-content.ts";
import { seededRandom, trials } from "../tools/counts.ts";
import { sharedEnginesPath } from "../tools/engine-environment.ts";
import { hf, hubEnvironment } from "../tools/hf-command.ts";
import { serviceApi } from "../tools/service-api.ts";
import type { ServiceApi } from "../tools/service-api.ts";
import { startServiceProcess } from "../tools/service-process.ts";
import type { ServiceProcess } from "../tools/service-process.ts";

const mebibyte = 1024 * 1024;
const demo = "mlx-community/demo-4bit";
const tiny = "own/tiny";
const big = "own/big";
const bigBytes = 160 * mebibyte;
const key = "a-key-for-this-test";

interface Machine {
  readonly home: string;
  readonly process: () => ServiceProcess;
  readonly api: () => ServiceApi;
  readonly hub: () => string;
  readonly folder: (model: string) => string;
  /** Again at the same address, as a machine comes back. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** A service in a process of its own, with its own cache. */
async function startMachine(endpoint: string, environment: Record<string, string> = {}): Promise<Machine> {
  const home = await mkdtemp(join(tmpdir(), "mlx-manager-mirror-"));
  const all = { HF_ENDPOINT: endpoint, ...environment };
  let child = await startServiceProcess({ home, environment: all });
  const secret = environment["MLX_MANAGER_API_KEY"];
  return {
    home,
    process: () => child,
    api: () => serviceApi(child.address, secret === undefined ? {} : { authorization: `Bearer ${secret}` }),
    hub: () => `${child.address}/hub`,
    folder: (model) => join(home, "hub", `models--${model.replace("/", "--")}`),
    async restart() {
      const { port } = new URL(child.address);
      child = await startServiceProcess({ home, environment: { ...all, MLX_MANAGER_PORT: port } });
    },
    async close() {
      if (child.child.exitCode === null && child.child.signalCode === null) await child.kill("SIGTERM");
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

let hub: FakeHub;
let source: Machine;
let temporary: string;
const machines: Machine[] = [];
beforeAll(async () => {
  temporary = await mkdtemp(join(tmpdir(), "mlx-manager-mirror-"));
  const config = JSON.stringify({ model_type: "llama", quantization: { bits: 4, group_size: 64 } });
  const odd = { "a b/c#d.txt": "one\n", "x%25y.txt": "two\n", "\u00e9.txt": "three\n", "empty.txt": "" };
  hub = await startFakeHub({
    repos: [
      await demoRepo(demo),
      tinyRepo(tiny, { files: odd }),
      tinyRepo(big, { files: { "config.json": config, "extra/big.bin": { size: bigBytes, seed: 5 } } }),
    ],
  });
  source = await startMachine(hub.url);
  for (const model of [demo, tiny, big]) await downloaded(source.api(), model);
  await source.api().send("PATCH", "/api/settings", { mirrorEnabled: true });
  // From here on nobody has the Hub but by way of the source.
  await hub.close();
}, 120_000);
afterEach(async () => {
  for (const machine of machines.splice(0)) await machine.close();
});
afterAll(async () => {
  await source.close();
  await rm(temporary, { recursive: true, force: true });
});

async function machine(endpoint: string, environment?: Record<string, string>): Promise<Machine> {
  const made = await startMachine(endpoint, environment);
  machines.push(made);
  return made;
}

describe("Python's client", () => {
  test.each([tiny, demo])(
    "downloads %s from the mirror, finds it right, and has what the source has",
    async (model) => {
      const options = { endpoint: source.hub(), home: join(temporary, "hf") };
      expect(await hf(["download", model], options)).toMatchObject({ code: 0 });
      const verified = await hf(
        ["cache", "verify", model, "--fail-on-missing-files", "--fail-on-extra-files"],
        options,
      );
      expect(verified).toMatchObject({ code: 0, output: expect.stringMatching(/All checksums match/) });
      const copy = await cacheContent(join(options.home, "hub", `models--${model.replace("/", "--")}`));
      expect(copy).toEqual(await cacheContent(source.folder(model)));
    },
    120_000,
  );

  test("is told in its own words what is not there", async () => {
    const options = { endpoint: source.hub(), home: join(temporary, "hf") };
    expect((await hf(["download", "own/nothing"], options)).output).toContain("Repository not found");
    expect((await hf(["download", tiny, "--revision", "nothing"], options)).output).toContain("Revision not found");
  }, 120_000);

  test("mlx_lm itself pulls a model from the mirror and runs it", async () => {
    const [python] = globSync(join(await sharedEnginesPath(), "mlx-lm", "*", "bin", "python"));
    if (python === undefined) throw new Error("The engine's environment has no Python.");
    const home = join(temporary, "mlx-lm");
    const words = [
      "-m",
      "mlx_lm",
      "generate",
      "--model",
      demo,
      "--prompt",
      "Hello",
      "--max-tokens",
      "40",
      "--temp",
      "0",
    ];
    const { stdout } = await execa(python, words, {
      ...{ env: hubEnvironment({ endpoint: source.hub(), home }), extendEnv: false },
    });
    expect(stdout).toContain("Hello! I am the demo model of MLX Manager.");
  }, 300_000);
});

describe("a second service", () => {
  test("finds the models of the first, and pulls them whole", async () => {
    const second = await machine(source.hub());
    const found = await second.api().get<{ items: { id: string }[] }>("/api/hub/models?author=&query=own");
    expect(found.items.map(({ id }) => id).sort()).toEqual([big, tiny]);
    for (const model of [demo, tiny, big]) {
      await downloaded(second.api(), model);
      expect(await cacheContent(second.folder(model))).toEqual(await cacheContent(source.folder(model)));
    }
    const verified = await hf(["cache", "verify", big], { endpoint: source.hub(), home: second.home });
    expect(verified.output).toContain("All checksums match");
  }, 120_000);

  test("killed in between goes on by itself when it is back", async () => {
    const random = seededRandom(7);
    for (let trial = 0; trial < trials(1, 10); trial += 1) {
      const second = await machine(source.hub());
      await limit(second, 64 * mebibyte);
      const begun = await second.api().send<Download>("POST", "/api/downloads", { model: big });
      await reached(second.api(), begun.id, random() * 0.6 * bigBytes);
      await second.process().kill("SIGKILL");
      await second.restart();
      await limit(second, null);
      expect(await whenEnded(second.api(), begun.id)).toMatchObject({ state: "completed", error: null });
      expect(await cacheContent(second.folder(big))).toEqual(await cacheContent(source.folder(big)));
    }
  }, 600_000);

  test("whose source is killed in between goes on by itself when the source is back", async () => {
    const random = seededRandom(8);
    for (let trial = 0; trial < trials(1, 10); trial += 1) {
      const second = await machine(source.hub());
      await limit(second, 64 * mebibyte);
      const begun = await second.api().send<Download>("POST", "/api/downloads", { model: big });
      await reached(second.api(), begun.id, random() * 0.6 * bigBytes);
      await source.process().kill("SIGKILL");
      const midway = await second.api().get<Download>(`/api/downloads/${begun.id}`);
      expect(midway.bytesDone).toBeLessThan(bigBytes);
      await source.restart();
      await limit(second, null);
      expect(await whenEnded(second.api(), begun.id)).toMatchObject({ state: "completed", error: null });
      expect(await cacheContent(second.folder(big))).toEqual(await cacheContent(source.folder(big)));
    }
  }, 600_000);

  test("keeps a source from deleting what it pulls", async () => {
    const second = await machine(source.hub());
    const begun = await second.api().send<Download>("POST", "/api/downloads", { model: big });
    await reached(second.api(), begun.id, 0);
    await expect(source.api().send("DELETE", `/api/models/${big}`)).rejects.toMatchObject({
      body: { error: { code: "model_in_use" } },
    });
    expect(await whenEnded(second.api(), begun.id)).toMatchObject({ state: "completed" });
  }, 120_000);
});

describe("a locked source", () => {
  test("gives nothing without its key, and everything to whoever has it as HF_TOKEN", async () => {
    const locked = await machine(source.hub(), { MLX_MANAGER_API_KEY: key });
    await downloaded(locked.api(), tiny);
    await locked.api().send("PATCH", "/api/settings", { mirrorEnabled: true });
    const endpoint = locked.hub();

    const refused = await hf(["download", tiny], { endpoint, home: join(temporary, "no-key") });
    expect(refused.code).not.toBe(0);
    expect(refused.output).toContain("This needs the API key");
    const allowed = { endpoint, home: join(temporary, "key"), token: key };
    expect(await hf(["download", tiny], allowed)).toMatchObject({ code: 0 });
    expect((await hf(["cache", "verify", tiny], allowed)).output).toContain("All checksums match");

    const stranger = await machine(endpoint);
    const begun = await stranger.api().send<Download>("POST", "/api/downloads", { model: tiny });
    expect(await whenEnded(stranger.api(), begun.id)).toMatchObject({ state: "failed" });
    const friend = await machine(endpoint, { HF_TOKEN: key });
    await downloaded(friend.api(), tiny);
    expect(await cacheContent(friend.folder(tiny))).toEqual(await cacheContent(source.folder(tiny)));
  }, 120_000);
});

/** Slow enough that a kill meets it on its way. */
async function limit(machine: Machine, downloadBytesPerSecond: number | null): Promise<void> {
  await machine.api().send("PATCH", "/api/settings", { downloadBytesPerSecond });
}

/** Resolves once the download has more than so many bytes, and is not over. */
async function reached(api: ServiceApi, id: string, bytes: number): Promise<void> {
  await api.until("downloads", ({ snapshot, event }) => {
    const all = [...(snapshot?.downloads ?? []), ...(event?.type === "download.changed" ? [event.data] : [])];
    const samples = event?.type === "download.progress" && event.data.id === id ? [event.data.bytesDone] : [];
    const rows = all.filter((one) => one.id === id && one.state === "downloading").map(({ bytesDone }) => bytesDone);
    return [...samples, ...rows].some((done) => done > bytes) ? true : null;
  });
}
