import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Server } from "../../service/src/contract/servers.ts";
import { environmentOf } from "../../service/src/serving/pool/units/process/process-group.ts";
import { isFull, seededRandom } from "../tools/counts.ts";
import { rankProcesses } from "../tools/engine-processes.ts";
import { createKillScene, killMoments } from "./kill-moments.ts";
import type { KillMoment, KillScene } from "./kill-moments.ts";
import { startRealService } from "./real-service.ts";
import type { RealService } from "./real-service.ts";

/* The real ranks, each killed at each moment, with what holds them together; cluster.test.ts has the plain story. */

const demo = "mlx-manager/demo";
const here = { host: "127.0.0.1", ips: ["127.0.0.1"] };
let service: RealService;
let scene: KillScene;
beforeAll(async () => {
  service = await startRealService();
  await service.api().send("POST", "/api/profiles", {
    ...{ slug: "pair", model: demo, kind: "cluster", engineOptions: { prefillStepSize: 64 } },
    cluster: { hosts: [here, here], mode: "tensor", backend: "ring" },
  });
  scene = createKillScene(service, "pair", demo);
}, 600_000);
afterAll(() => service.close());

/** `head` is our process around `mlx.launch`, which is killed alone as `mlx.launch`. */
const victims = ["rank 0", "rank 1", "head", "mlx.launch", "service"] as const;
type Victim = (typeof victims)[number];
const reasons: Record<Exclude<Victim, "service">, RegExp> = {
  "rank 0": /^The cluster lost rank 0 on 127\.0\.0\.1/,
  "rank 1": /^The cluster lost rank 1 on 127\.0\.0\.1/,
  head: /^The cluster's head ended by SIGKILL/,
  // Its end takes ranks along: which of the three is noticed first is chance.
  "mlx.launch": /^The cluster lost rank [01] on|^mlx\.launch failed \(cluster_ended\)|^Rank [01] on .* ended/,
};

/** Full: each victim at each moment, in any order. Small: one that the other tests leave out. */
function killPlan(): { victim: Victim; moment: KillMoment }[] {
  const random = seededRandom(7);
  const all = killMoments.flatMap((moment) => victims.map((victim) => ({ victim, moment, order: random() })));
  const small = [{ victim: "rank 1", moment: "prefill", order: 0 }] as const;
  return (isFull ? all : [...small]).toSorted((one, other) => one.order - other.order);
}

describe("the ranks of a real cluster", () => {
  test.each(killPlan())(
    "SIGKILL of the $victim at $moment leaves nothing behind, a row with the reason, and the next answer comes",
    async ({ victim, moment }) => {
      const { server, answer } = await scene.reach(moment);
      await kill(victim, moment, server);
      await answer.catch(() => "cut");
      if (victim === "service") {
        await service.restart();
        const row = await service.api().get<Server>(`/api/servers/${server.id}`);
        expect(["stopped", "failed"]).toContain(row.state);
        expect(row.state === "failed" ? row.lastError?.message : "stopped").toEqual(expect.any(String));
        expect(scene.offspring()).toEqual([]);
      } else if (moment !== "unload") {
        // Before it ends, a rank that lives on may complain of the others; that is shown, and not the reason.
        const row = await scene.serverWhere(
          ({ id, state, restarts }) => id === server.id && (state === "failed" || restarts > 0),
        );
        expect(row.lastError).toMatchObject({
          code: "engine_failed",
          message: expect.stringMatching(reasons[victim]),
        });
      }
      expect(await scene.chat("Thank you")).toContain("You are welcome!");
      await scene.unload();
      expect(scene.offspring()).toEqual([]);
    },
    120_000,
  );
});

/** A stop is soon over: what it has ended already cannot be killed any more, and need not be. */
async function kill(victim: Victim, moment: KillMoment, { pid }: Server): Promise<void> {
  if (victim === "service") return void (await service.process().kill("SIGKILL"));
  const ours = scene.offspring();
  const isRank = (member: number) => environmentOf(member, "MLX_RANK") === victim.slice("rank ".length);
  const found = {
    head: () => pid!,
    "mlx.launch": () => ours.find((member) => commandLine(member).includes("/mlx.launch\0")),
    "rank 0": () => rankProcesses().find((member) => ours.includes(member) && isRank(member)),
    "rank 1": () => rankProcesses().find((member) => ours.includes(member) && isRank(member)),
  }[victim]();
  try {
    if (found === undefined) throw new Error(`There is no ${victim}.`);
    process.kill(found, "SIGKILL");
  } catch (error) {
    if (moment !== "unload") throw error;
  }
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return ""; // It ended while we looked.
  }
}
