import { readFileSync, readdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Server } from "../../service/src/contract/servers.ts";
import { processStart } from "../../service/src/platform/process/identity.ts";
import { groupMembers } from "../../service/src/serving/pool/units/process/process-group.ts";
import { isFull, seededRandom, trials } from "../tools/counts.ts";
import { createKillScene, killMoments } from "./kill-moments.ts";
import type { KillMoment, KillScene } from "./kill-moments.ts";
import { startRealService } from "./real-service.ts";
import type { RealService } from "./real-service.ts";

const demo = "mlx-manager/demo";
const mebibyte = 1024 * 1024;
let service: RealService;
let scene: KillScene;
beforeAll(async () => {
  service = await startRealService();
  const body = { slug: "victim", model: demo, engineOptions: { prefillStepSize: 64 } };
  await service.api().send("POST", "/api/profiles", body);
  scene = createKillScene(service, "victim", demo);
}, 600_000);
afterAll(() => service.close());

const victims = ["launcher", "guardian", "service"] as const;
type Victim = (typeof victims)[number];

const load = () => service.api().send<Server>("POST", `/api/models/${demo}/load?wait=true`);

describe("the real engine", () => {
  test("started and stopped again and again leaves memory, descriptors and processes as before", async () => {
    // What is made once (compiled kernels, pools of sockets) is made in the first two rounds.
    for (let round = 0; round < 2; round += 1) await cycle();
    const before = footprint();
    for (let round = 0; round < trials(2, 50); round += 1) await cycle();
    const after = footprint();
    expect(after.processes).toEqual([]);
    // A pipe or socket lost at each round would show many times; the test's own connections come and go.
    expect(after.descriptors - before.descriptors).toBeLessThanOrEqual(2);
    expect(after.residentBytes - before.residentBytes).toBeLessThan(48 * mebibyte);
  }, 900_000);

  test.each(killPlan())(
    "$number: SIGKILL of the $victim at $moment leaves nothing behind, a row with the reason, and the next answer comes",
    async ({ victim, moment }) => {
      const { server, answer } = await scene.reach(moment);
      await kill(victim, moment, server);
      const text = await answer.catch(() => "cut");
      if (victim === "service") {
        await service.restart();
        const row = await service.api().get<Server>(`/api/servers/${server.id}`);
        expect(["stopped", "failed"]).toContain(row.state);
        expect(row.state === "failed" ? row.lastError?.message : "stopped").toEqual(expect.any(String));
        expect(scene.offspring()).toEqual([]);
      } else if (victim === "launcher" && moment !== "unload") {
        const row = await scene.serverWhere(({ id, lastError }) => id === server.id && lastError !== null);
        expect(row.lastError).toMatchObject({ code: "engine_failed", message: expect.stringContaining("SIGKILL") });
      } else if (victim === "guardian" && (moment === "prefill" || moment === "stream")) {
        expect(text).toContain("[DONE]");
      }
      expect(await scene.chat("Thank you")).toContain("You are welcome!");
      await scene.unload();
      expect([scene.offspring(), processStart(server.pid!)]).toEqual([[], null]);
    },
    120_000,
  );
});

/** Full: each victim at each moment, twice, in any order. Small: each victim once, each time at another moment. */
function killPlan(): { number: number; victim: Victim; moment: KillMoment }[] {
  const random = seededRandom(4);
  const all = killMoments.flatMap((moment) => victims.map((victim) => ({ moment, victim, order: random() })));
  const shuffled = all.toSorted((one, other) => one.order - other.order);
  const small = victims.map((victim, index) => ({ victim, moment: (["load", "prefill", "unload"] as const)[index]! }));
  return (isFull ? [...shuffled, ...shuffled] : small).map(({ victim, moment }, number) => ({
    number,
    victim,
    moment,
  }));
}

/** A stop is soon over: what it has ended already cannot be killed any more, and need not be. */
async function kill(victim: Victim, moment: KillMoment, { pid }: Server): Promise<void> {
  if (victim === "service") return void (await service.process().kill("SIGKILL"));
  const target = victim === "launcher" ? pid : groupMembers(pid!).find((member) => member !== pid);
  try {
    process.kill(target!, "SIGKILL");
  } catch (error) {
    if (moment !== "unload") throw error;
  }
}

async function cycle(): Promise<void> {
  const server = await load();
  expect(server.state).toBe("ready");
  const { items } = await scene.unload();
  expect(items).toEqual([expect.objectContaining({ id: server.id, state: "stopped", pid: null })]);
  expect(processStart(server.pid!)).toBeNull();
}

function footprint() {
  const pid = service.process().pid;
  const resident = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return {
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    residentBytes: Number(resident) * 1024,
    processes: scene.offspring(),
  };
}
