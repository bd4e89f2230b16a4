import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "@jest/globals";
import type { ChatCompletion } from "../../service/src/contract/openai.ts";
import type { Server } from "../../service/src/contract/servers.ts";
import { writeCachedModel } from "../tools/cached-model.ts";
import { startTestService } from "../tools/compose-test.ts";
import type { TestService } from "../tools/compose-test.ts";
import { trials } from "../tools/counts.ts";

const models = ["own/a", "own/b", "own/c"];
const clients = 8;
const requests = trials(48, 200);
/**
 * Models that fit together. While one loads, the other answers whom it can, so that in the end all wait for the model
 * that loads or for the one that does not fit: two loads answer each client at least once (design.md of the pool).
 */
const together = 2;
const mostLoads = together + Math.ceil((requests * (models.length - together + 1)) / clients);

let home = "";
let service: TestService;
afterEach(async () => {
  await service.close();
  await rm(home, { recursive: true, force: true });
});

async function open(): Promise<void> {
  home = await mkdtemp(join(tmpdir(), "mlx-manager-thrash-"));
  for (const model of models) await writeCachedModel(join(home, "hub"), model, { startDelayMs: 50 });
  service = await startTestService({ home, engine: "fake" });
}

async function ask(model: string, client: number): Promise<{ status: number; model: string }> {
  const body = { model, messages: [{ role: "user", content: "Hi" }] };
  const headers = { "user-agent": `client ${client}` };
  const answer = await service.call("POST", "/v1/chat/completions", body, headers);
  return { status: answer.status, model: (answer.body as ChatCompletion).model };
}

/** Room for two of the three, by what one of them was found to need. */
async function makeRoomForTwo(): Promise<number> {
  await ask("own/a", 0);
  const [server] = service.service.pool.loaded();
  const limit = Math.floor((server?.reservedBytes ?? 0) * 2.5);
  await service.call("PATCH", "/api/settings", { memoryLimitBytes: limit });
  return limit;
}

describe("three models in turn where two fit", () => {
  test("are all answered, with few swaps, none of them while a model works, and exact books at every step", async () => {
    await open();
    const limit = await makeRoomForTwo();
    const { pool, events } = service.service;
    const loads = new Set<string>(pool.loaded().map(({ id }) => id));
    const evicted = new Map<string, Server>();
    const outstanding = new Map<string, number>();
    const wrong: string[] = [];
    const check = (): void => {
      const servers = pool.loaded();
      const reserved = servers.reduce((sum, { reservedBytes }) => sum + reservedBytes, 0);
      if (reserved > limit) wrong.push(`${reserved} of ${limit} bytes reserved`);
      for (const model of models) {
        const own = servers.filter((server) => server.model === model);
        const known = own.reduce((sum, { inFlight, waiting }) => sum + inFlight + waiting, 0);
        if (own.length > 1) wrong.push(`${own.length} servers of ${model}`);
        if (known > (outstanding.get(model) ?? 0)) wrong.push(`${known} requests counted of ${model}`);
      }
    };
    const stop = events.listen((event) => {
      if (event.type !== "server.changed") return;
      const { id, state, inFlight } = event.data;
      loads.add(id);
      if (state === "stopping" && inFlight > 0) wrong.push(`stopped with ${inFlight} in flight`);
      if (state === "evicted") evicted.set(id, event.data);
      check();
    });

    const answers = await Promise.all(
      Array.from({ length: clients }, async (_, client) => {
        const seen: string[] = [];
        for (let turn = 0; turn < requests / clients; turn += 1) {
          const model = models[(client + turn) % models.length] as string;
          outstanding.set(model, (outstanding.get(model) ?? 0) + 1);
          const answer = await ask(model, client);
          outstanding.set(model, (outstanding.get(model) ?? 0) - 1);
          check();
          seen.push(`${answer.status} ${answer.model === model ? "right" : answer.model}`);
        }
        return seen;
      }),
    );
    stop();
    expect(new Set(answers.flat())).toEqual(new Set(["200 right"]));
    expect(answers.flat()).toHaveLength(requests);
    expect(wrong).toEqual([]);
    expect(loads.size).toBeGreaterThan(together);
    expect(loads.size).toBeLessThanOrEqual(mostLoads);
    for (const { endedBecause } of evicted.values())
      expect(endedBecause).toMatch(/^Unloaded to make room for own\/[abc]\.$/);
    const left = pool.loaded().filter(({ state }) => state === "ready");
    expect(left.length).toBeLessThanOrEqual(together);
    expect(left.map(({ inFlight, waiting }) => inFlight + waiting)).toEqual(left.map(() => 0));
    expect(evicted.size + left.length).toBe(loads.size);
  });
});
