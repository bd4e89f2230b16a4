import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Profile } from "../../service/src/contract/profiles.ts";
import type { Placement } from "../../service/src/contract/profile-kinds.ts";
import type { Server } from "../../service/src/contract/servers.ts";
import { rankProcesses } from "../tools/engine-processes.ts";
import { startRealService } from "./real-service.ts";
import type { RealService } from "./real-service.ts";

const demo = "mlx-manager/demo";
const here = { host: "127.0.0.1", ips: ["127.0.0.1"] };
const plan = { hosts: [here, here], mode: "tensor", backend: "ring" };
let service: RealService;
beforeAll(async () => {
  service = await startRealService();
}, 600_000);
afterAll(() => service.close());

const ask = async (model: string) => {
  const answer = await service
    .api()
    .send<{ choices: { message: { content: string } }[] }>(...(["POST", "/v1/chat/completions"] as const), {
      model,
      temperature: 0,
      messages: [{ role: "user", content: "Who are you?" }],
    });
  return answer.choices[0]!.message.content;
};
const serverOf = (profile: string, fits: (server: Server) => boolean) =>
  service.api().until("servers", ({ snapshot, event }) => {
    const all = [...(snapshot?.servers ?? []), ...(event?.type === "server.changed" ? [event.data] : [])];
    return all.find((server) => server.profile === profile && fits(server));
  });

describe("a model on two ranks", () => {
  test("is previewed: half of the weights on each, and what cannot be split is said before a load", async () => {
    const create = (slug: string, cluster: unknown) =>
      service.api().send<Profile>("POST", "/api/profiles", { slug, model: demo, kind: "cluster", cluster });
    const pair = await create("pair", plan);
    const preview = await service.api().send<Placement>("POST", `/api/profiles/${pair.id}/placement`, {});
    expect(preview).toMatchObject({ possible: true, problems: [] });
    const [first, second] = preview.nodes;
    expect(first!.weightBytes).toBe(second!.weightBytes);
    expect(first!.fits).toBe(true);
    const line = await create("line", { ...plan, mode: "pipeline" });
    const refused = await service.api().send<Placement>("POST", `/api/profiles/${line.id}/placement`, {});
    expect(refused).toMatchObject({ possible: false, problems: [expect.stringMatching(/pipeline/)] });
    await expect(service.api().send("POST", `/api/profiles/${line.id}/start?wait=true`)).rejects.toMatchObject({
      body: { error: { code: "engine_failed", message: expect.stringMatching(/cannot be split by pipeline/) } },
    });
  }, 120_000);

  test("answers through the gateway what one process answers", async () => {
    const alone = await ask(demo);
    const asked = performance.now();
    expect(await ask("pair")).toBe(alone);
    console.log(`first answer of the cluster after ${((performance.now() - asked) / 1000).toFixed(1)} s`);
    const { items } = await service.api().get<{ items: Server[] }>("/api/servers?running=true");
    const server = items.find(({ profile }) => profile === "pair")!;
    expect(server).toMatchObject({ kind: "cluster", state: "ready", healthStatus: "healthy" });
    // Both ranks are counted: one process of this model alone takes less. Pages that they share count once.
    expect(server.memory!.footprintBytes).toBeGreaterThan(84 * 1024 * 1024);
    expect(rankProcesses()).toHaveLength(2);
  }, 120_000);

  test("loses a rank: it is said which, the other is ended, and the cluster serves again", async () => {
    const [pid] = rankProcesses().slice(-1);
    const lost = serverOf("pair", ({ state }) => state === "restarting");
    const killed = performance.now();
    process.kill(pid!, "SIGKILL");
    const server = await lost;
    const detected = performance.now();
    expect(server.lastError).toMatchObject({
      code: "engine_failed",
      message: expect.stringMatching(/^The cluster lost rank [01] on 127\.0\.0\.1/),
      details: { reason: "rank_lost", host: "127.0.0.1" },
    });
    await serverOf("pair", ({ state, restarts }) => state === "ready" && restarts === 1);
    const again = performance.now();
    const seconds = (from: number, to: number) => ((to - from) / 1000).toFixed(1);
    console.log(
      `rank killed: detected after ${seconds(killed, detected)} s, serving after ${seconds(killed, again)} s`,
    );
    expect(await ask("pair")).toBe(await ask(demo));
  }, 120_000);

  test("is stopped as a whole: no rank is left", async () => {
    const { items } = await service.api().get<{ items: Server[] }>("/api/servers?running=true");
    await service
      .api()
      .send("POST", `/api/profiles/${items.find(({ profile }) => profile === "pair")!.profileId}/stop`);
    expect(rankProcesses()).toEqual([]);
  }, 120_000);

  test("ends with the service: a kill -9 of it leaves no rank", async () => {
    await ask("pair");
    await service.process().kill("SIGKILL");
    await service.restart();
    expect(rankProcesses()).toEqual([]);
  }, 120_000);
});
