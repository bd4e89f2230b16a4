import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import type { ErrorRequestHandler } from "express";
import pino from "pino";
import { Agent } from "undici";
import { emptyParts } from "../../../service/src/contract/profiles.ts";
import type { Profile } from "../../../service/src/contract/profiles.ts";
import { settingDefaults } from "../../../service/src/contract/settings.ts";
import type { RequestRow } from "../../../service/src/core/requests/index.ts";
import { gatewayErrorWriter } from "../../../service/src/gateway/error-writers.ts";
import { createGateway, createImageSettler } from "../../../service/src/gateway/index.ts";
import type { GatewayDependencies } from "../../../service/src/gateway/index.ts";
import { createResponses } from "../../../service/src/core/responses/index.ts";
import { systemClock } from "../../../service/src/platform/clock.ts";
import { AppError } from "../../../service/src/platform/errors.ts";
import { createFrontDoor } from "../../../service/src/platform/http/front-door.ts";
import { createErrorAnswer } from "../../../service/src/platform/http/errors.ts";
import { notFound } from "../../../service/src/platform/http/not-found.ts";
import { testDatabase } from "../serving/database.ts";
import { startFakeEngine } from "./fake-engine.ts";
import type { FakeEngine } from "./fake-engine.ts";

const time = "2026-01-01T00:00:00.000Z";

export function testProfile(change: Partial<Profile>): Profile {
  return {
    ...{ id: "profile_demo", slug: null, name: "demo", implicit: true, model: "mlx-manager/demo", revision: "main" },
    ...{
      engine: "mlx-lm",
      engineOptions: {},
      sampling: {},
      systemPrompt: null,
      ...emptyParts,
      createdAt: time,
      updatedAt: time,
    },
    ...change,
  };
}

const demoProfile = testProfile({});
const coderProfile = testProfile({
  ...{ id: "profile_coder", slug: "coder", name: "coder", implicit: false },
  ...{ sampling: { temperature: 0.3, maxTokens: 64 }, systemPrompt: "You write code." },
});
const facts = {
  contextLength: 2048,
  vocabularySize: 1536,
  architecture: "llama",
  capabilities: ["chat", "tools"] as const,
};
const demoModel = { id: "mlx-manager/demo", demo: true, complete: true, addedAt: time, facts };
const halfModel = { ...demoModel, id: "some/half", demo: false, complete: false };

export interface GatewayBench {
  readonly url: string;
  readonly engine: FakeEngine;
  readonly rows: RequestRow[];
  /** The next row, or the first that is there. */
  row(): Promise<RequestRow>;
  readonly leases: { open: number; tokens: number };
  close(): Promise<void>;
}

export interface BenchOptions {
  readonly flags?: Record<string, unknown>;
  readonly change?: Partial<GatewayDependencies>;
  /** Runs in the pool before the lease is given. */
  readonly load?: GatewayDependencies["pool"]["ensureReady"] extends (...rest: infer Rest) => unknown
    ? (...rest: Rest) => Promise<void>
    : never;
}

/** The gateway in a real Express application on a real socket, before a fake engine in a real process. */
export async function startGateway({ flags = {}, change = {}, load }: BenchOptions = {}): Promise<GatewayBench> {
  const engine = await startFakeEngine(flags);
  const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0 });
  const rows: RequestRow[] = [];
  const waiting: ((row: RequestRow) => void)[] = [];
  const leases = { open: 0, tokens: 0 };
  const log = pino({ level: "silent" });
  let count = 0;

  const dependencies: GatewayDependencies = {
    profiles: {
      all: () => [demoProfile, coderProfile],
      resolve: (name) => {
        const found = [demoProfile, coderProfile].find(
          ({ slug, model }) => name === slug || (slug === null && name === model),
        );
        const profile = name ? found : demoProfile;
        if (!profile) throw new AppError("model_not_found", "There is no such model.");
        return { profile, revision: "main", by: "model" };
      },
    },
    models: {
      all: () => [demoModel, halfModel],
      find: (id) => [demoModel, halfModel].find((model) => model.id === id) ?? null,
    },
    engines: { environment: () => ({}) },
    pool: {
      isServing: () => false,
      loaded: () => [{ profileId: demoProfile.id, revision: "main", state: "ready", kind: "process", inFlight: 0 }],
      async ensureReady(target, signal, onProgress) {
        await load?.(target, signal, onProgress);
        leases.open += 1;
        return {
          serverId: "server_1",
          url: engine.url,
          dispatcher,
          headers: { "x-mlx-manager-token": engine.token },
          engine: "mlx-lm",
          noteTokens: (tokens) => void (leases.tokens += tokens),
          noteLife: () => undefined,
          release: () => void (leases.open -= 1),
        };
      },
    },
    requests: {
      record: (row) => {
        rows.push(row);
        waiting.shift()?.(row);
      },
    },
    images: createImageSettler({ clock: systemClock, settings: { values: () => settingDefaults } }),
    responses: createResponses({
      ...{ database: testDatabase(), clock: systemClock, log },
      settings: { values: () => ({ storedResponseDays: 30, storedResponseBytes: 1e9 }) },
    }),
    settings: { values: () => ({ stallDeadlineSeconds: 300, mapBackgroundRequests: false }) },
    clock: systemClock,
    ids: (prefix) => `${prefix}_${(count += 1)}`,
    log,
    ...change,
  };

  const onError = createErrorAnswer(log, gatewayErrorWriter);
  const { router, direct } = createGateway(dependencies);
  const app = express();
  app.use("/v1", router);
  app.use(notFound);
  app.use(((error, request, response, _next) => onError(error, request, response)) satisfies ErrorRequestHandler);
  const door = { ids: dependencies.ids, checks: [], untilReady: () => null, direct, router: app, onError };
  const server = createServer(createFrontDoor(door));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    engine,
    rows,
    leases,
    row: () => {
      const [first] = rows;
      return first ? Promise.resolve(first) : new Promise((resolve) => waiting.push(resolve));
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await dispatcher.destroy();
      await engine.close();
    },
  };
}

export function post(bench: GatewayBench, body: unknown, signal?: AbortSignal): Promise<Response> {
  return fetch(`${bench.url}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: typeof body === "string" ? body : JSON.stringify(body),
    ...(signal ? { signal } : {}),
  });
}

export function chat(change: object = {}): object {
  return { model: "mlx-manager/demo", messages: [{ role: "user", content: "Hi" }], ...change };
}

/** The JSON of every `data:` event; `[DONE]` as the text. */
export function events(text: string): unknown[] {
  const lines = text.split("\n\n").filter((event) => event.startsWith("data: "));
  return lines.map((line) => (line === "data: [DONE]" ? "[DONE]" : (JSON.parse(line.slice(6)) as unknown)));
}
