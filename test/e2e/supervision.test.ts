import { readFileSync, readdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Server } from "../../service/src/contract/servers.ts";
import { processStart } from "../../service/src/platform/process/identity.ts";
import { groupMembers } from "../../service/src/serving/pool/units/process/process-group.ts";
import { seededRandom, trials } from "../tools/counts.ts";
import { readEventStream } from "../tools/event-source.ts";
import { processesWith } from "../tools/processes-with.ts";
import { startRealService } from "./real-service.ts";
import type { RealService } from "./real-service.ts";

const demo = "mlx-manager/demo";
const mebibyte = 1024 * 1024;
let service: RealService;
beforeAll(async () => void (service = await startRealService()), 600_000);
afterAll(() => service.close());

/** Everything the service has started and that still runs. */
const offspring = () => processesWith(`HOME=${service.home}`).filter((pid) => pid !== service.process().pid);
const load = () => service.api().send<Server>("POST", `/api/models/${demo}/load?wait=true`);
const unload = () => service.api().send<{ items: Server[] }>("POST", `/api/models/${demo}/unload`);

describe("the real engine", () => {
  test("started and stopped again and again leaves memory, descriptors and processes as before", async () => {
    // What is made once (compiled kernels, pools of sockets) is made in the first two rounds.
    for (let round = 0; round < 2; round += 1) await cycle();
    const before = footprint();
    for (let round = 0; round < trials(3, 50); round += 1) await cycle();
    const after = footprint();
    expect(after.processes).toEqual([]);
    // A pipe or socket lost at each round would show many times; the test's own connections come and go.
    expect(after.descriptors - before.descriptors).toBeLessThanOrEqual(2);
    expect(after.residentBytes - before.residentBytes).toBeLessThan(48 * mebibyte);
  }, 900_000);

  test.each(killPlan())(
    "$number: SIGKILL of the $victim at $moment leaves nothing behind, a row with the reason, and the next answer comes",
    async ({ victim, moment }) => {
      const { server, answer } = await reach(moment);
      await kill(victim, server);
      const text = await answer.catch(() => "cut");
      if (victim === "service") {
        await service.restart();
        const row = await service.api().get<Server>(`/api/servers/${server.id}`);
        expect(["stopped", "failed"]).toContain(row.state);
        expect(row.state === "failed" ? row.lastError?.message : "stopped").toEqual(expect.any(String));
        expect(offspring()).toEqual([]);
      } else if (victim === "launcher" && moment !== "unload") {
        const row = await serverWhere(({ id, lastError }) => id === server.id && lastError !== null);
        expect(row.lastError).toMatchObject({ code: "engine_failed", message: expect.stringContaining("SIGKILL") });
      } else if (victim === "guardian" && moment === "stream") {
        expect(text).toContain("[DONE]");
      }
      expect(await chat("Thank you")).toContain("You are welcome!");
      await unload();
      expect([offspring(), processStart(server.pid!)]).toEqual([[], null]);
    },
    120_000,
  );
});

type Victim = "launcher" | "guardian" | "service";
type Moment = "load" | "stream" | "unload";

function killPlan(): { number: number; victim: Victim; moment: Moment }[] {
  const random = seededRandom(4);
  const victims = ["launcher", "guardian", "service"] as const;
  const moments = ["load", "stream", "unload"] as const;
  return Array.from({ length: trials(3, 18) }, (_, number) => ({
    ...{ number, victim: victims[number % 3]! },
    // Small: each victim once and each moment once.
    moment: number < 3 ? moments[number]! : moments[Math.floor(random() * 3)]!,
  }));
}

/** Brings the demo model's server to the moment; `answer` is what a client then waits for. */
async function reach(moment: Moment): Promise<{ server: Server; answer: Promise<string> }> {
  if (moment === "load") {
    const answer = chat("Hello");
    return { server: await serverWhere(({ state, port }) => state === "starting" && port !== null), answer };
  }
  if (moment === "unload") {
    await load();
    const answer = unload().then(() => "unloaded");
    return { server: await serverWhere(({ state }) => state === "stopping"), answer };
  }
  const begun = Promise.withResolvers<void>();
  const answer = chat("Explain step by step how to use MLX Manager", begun.resolve);
  await begun.promise;
  return { server: await serverWhere(({ state }) => state === "ready"), answer };
}

async function kill(victim: Victim, { pid }: Server): Promise<void> {
  if (victim === "service") return void (await service.process().kill("SIGKILL"));
  const target = victim === "launcher" ? pid : groupMembers(pid!).find((member) => member !== pid);
  process.kill(target!, "SIGKILL");
}

async function cycle(): Promise<void> {
  const server = await load();
  expect(server.state).toBe("ready");
  const { items } = await unload();
  expect(items).toEqual([expect.objectContaining({ id: server.id, state: "stopped", pid: null })]);
  expect(processStart(server.pid!)).toBeNull();
}

function footprint() {
  const pid = service.process().pid;
  const resident = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return {
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    residentBytes: Number(resident) * 1024,
    processes: offspring(),
  };
}

/** The text of one streamed answer, with `[DONE]` when it came to its end. */
async function chat(question: string, onWord: () => void = () => undefined): Promise<string> {
  const response = await fetch(`${service.address()}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      ...{ model: demo, stream: true, temperature: 0 },
      messages: [{ role: "user", content: question }],
    }),
  });
  let text = "";
  for await (const { data } of readEventStream(response)) {
    if (data === "[DONE]") text += data;
    if (typeof data !== "object") continue;
    const word = (data as { choices?: { delta: { content?: string } }[] }).choices?.[0]?.delta.content ?? "";
    text += word;
    if (word !== "") onWord();
  }
  return text;
}

function serverWhere(fits: (server: Server) => boolean): Promise<Server> {
  return service.api().until("servers", ({ snapshot, event }) => {
    const all = [...(snapshot?.servers ?? []), ...(event?.type === "server.changed" ? [event.data] : [])];
    return all.find(fits);
  });
}
