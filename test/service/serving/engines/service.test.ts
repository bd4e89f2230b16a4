import express from "express";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:http";
import { describe, expect, test } from "@jest/globals";
import { EngineJob, EngineList, LocalEngineId } from "../../../../service/src/contract/engines.ts";
import { beginContext } from "../../../../service/src/platform/http/context.ts";
import { mountEngineRoutes } from "../../../../service/src/serving/engines/index.ts";
import { engineBench } from "./bench.ts";

const id = "mlx-lm";
const bench = engineBench();
const never = new AbortController().signal;
const caught = (call: () => unknown): unknown => {
  try {
    return call();
  } catch (error) {
    return error;
  }
};

describe("the engines of a service", () => {
  test("whoever needs an absent engine is told, and while it installs, by which job and when to ask again", async () => {
    const world = bench.open();
    expect(caught(() => world.engines.environment(id))).toMatchObject({
      code: "engine_not_installed",
      details: { engine: id, jobId: null },
    });
    const job = world.engines.install(id);
    expect(caught(() => world.engines.environment(id))).toMatchObject({
      code: "engine_not_installed",
      details: { engine: id, jobId: job.id, retryAfterSeconds: 10 },
    });
    await world.jobs.finished(job.id);
    expect(world.engines.environment(id)).toMatchObject({ engine: id, version: "1.0.0" });
  });

  test("many who wait for it share one installation, and one that leaves does not stop it", async () => {
    bench.index.stalled.add(bench.wheels[0]?.file ?? "");
    const world = bench.open();
    const leaving = new AbortController();
    const left = world.engines.ensureInstalled(id, leaving.signal);
    const staying = world.engines.ensureInstalled(id, never);
    await bench.index.stalling();
    leaving.abort();
    await expect(left).rejects.toMatchObject({ name: "AbortError" });
    expect(world.engines.get(id).state).toBe("installing");
    await world.jobs.cancel(world.engines.get(id).jobId ?? "");
    await expect(staying).rejects.toMatchObject({ code: "engine_not_installed" });
    bench.index.stalled.clear();
    expect(await world.engines.ensureInstalled(id, never)).toEqual(world.engines.environment(id));
  });

  test("a failed installation gives everyone who waits its reason", async () => {
    const world = bench.open({ environment: bench.environment({ UV_DEFAULT_INDEX: "http://127.0.0.1:9/simple" }) });
    const waiting = [world.engines.ensureInstalled(id, never), world.engines.ensureInstalled(id, never)];
    const ends = await Promise.allSettled(waiting);
    expect(ends.map((end) => end.status === "rejected" && (end.reason as { code: string }).code)).toEqual([
      "hub_unreachable",
      "hub_unreachable",
    ]);
  });

  test("what runs is not removed; what installs is not removed; what is removed is not installed meanwhile", async () => {
    const world = bench.open();
    const job = world.engines.install(id);
    expect(caught(() => world.engines.remove(id))).toMatchObject({ code: "conflict" });
    await world.jobs.finished(job.id);
    const release = world.engines.hold(id);
    expect(caught(() => world.engines.remove(id))).toMatchObject({ code: "conflict" });
    release();
    release();
    const removal = world.engines.remove(id);
    expect(caught(() => world.engines.install(id))).toMatchObject({ code: "conflict" });
    const back = world.engines.ensureInstalled(id, never);
    await world.jobs.finished(removal.id);
    expect((await back).version).toBe("1.0.0");
    expect(world.states).toEqual(["installing", "installed", "installed", "absent", "installing", "installed"]);
  });

  test("offline, an absent engine is refused at once", () => {
    const world = bench.open({ offline: true });
    expect(caught(() => world.engines.install(id))).toMatchObject({ code: "offline" });
    expect(world.jobs.list({ limit: 10 }).items).toEqual([]);
  });

  test("a machine without MLX says so everywhere", async () => {
    const world = bench.open({ supported: false });
    const unsupported = { state: "unsupported", reason: { code: "unsupported" } };
    expect(world.engines.list()).toMatchObject(LocalEngineId.options.map((engine) => ({ id: engine, ...unsupported })));
    for (const verb of ["install", "update", "rollback", "remove", "environment"] as const) {
      expect(caught(() => world.engines[verb](id))).toMatchObject({
        code: "unsupported",
        message: "MLX does not run on this toaster.",
      });
    }
    await expect(world.engines.ensureInstalled(id, never)).rejects.toMatchObject({ code: "unsupported" });
  });

  test("an engine that a machine with MLX cannot have says why, and what cannot be installed is not tried", () => {
    const linux = bench.open({ platform: "linux", architecture: "x64" });
    const states = Object.fromEntries(linux.engines.list().map((engine) => [engine.id, engine.state]));
    expect(states).toEqual({ "mlx-lm": "absent", "mlx-vlm": "absent", "mlx-openai-server": "unsupported" });
    expect(caught(() => linux.engines.install("mlx-openai-server"))).toMatchObject({
      code: "unsupported",
      message: expect.stringContaining("Mac with Apple silicon"),
    });
  });

  test("a Mac can have every engine", () => {
    const mac = bench.open({ platform: "darwin", architecture: "arm64" });
    expect(mac.engines.list().map(({ state }) => state)).toEqual(["absent", "absent", "absent"]);
  });

  test("the routes list, install, update and remove", async () => {
    const world = bench.open();
    const router = express.Router();
    mountEngineRoutes(router, world.engines, { checkReplies: true });
    const app = express().use((request, response, next) => {
      beginContext(request, response, "test");
      next();
    });
    const server = createServer(app.use(router)).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/engines`;
    try {
      const list = async () => EngineList.parse(await (await fetch(address)).json()).items.slice(0, 1);
      expect(await list()).toMatchObject([{ id, state: "absent" }]);
      for (const [verb, state] of [
        ["install", "installed"],
        ["update", "installed"],
        ["remove", "absent"],
      ]) {
        const reply = await fetch(`${address}/${id}/${verb}`, { method: "POST" });
        expect(reply.status).toBe(202);
        const { job } = EngineJob.parse(await reply.json());
        expect(await world.jobs.finished(job.id)).toMatchObject({ state: "succeeded" });
        expect(await list()).toMatchObject([{ id, state }]);
      }
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});
