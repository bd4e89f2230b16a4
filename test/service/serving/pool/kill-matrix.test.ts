import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Server } from "../../../../service/src/contract/servers.ts";
import { groupMembers } from "../../../../service/src/serving/pool/units/process/process-group.ts";
import { isFull, seededRandom } from "../../../tools/counts.ts";
import { model, openKillWorld } from "./kill-world.ts";
import type { Kind, KillWorld, Moment, Outcome, Victim } from "./kill-world.ts";

/*
 * Acceptance: SIGKILL at any moment leaves no process, no lease and no waiter behind, and a row with the reason. While an
 * engine is installed there is none to kill but the service; the real installer and its tool are killed in
 * test/service/serving/engines, the real engine and the real ranks in test/e2e/supervision.test.ts and cluster.test.ts.
 */

let world: KillWorld;
beforeAll(async () => void (world = await openKillWorld()), 60_000);
afterAll(() => world.close());

/** What makes each moment last until the kill, in the engine that is killed alone. */
const flagsOf: Record<Moment, Record<string, unknown>> = {
  install: { installs: true },
  load: { startDelayMs: 120_000, loadingSteps: 400 },
  probe: { firstTokenDelayMs: 120_000 },
  prefill: { prefillKeepalives: 200, tokenDelayMs: 10 },
  stream: { tokens: 200, tokenDelayMs: 10 },
  unload: { ignoreStop: true, ignoreSigterm: true },
};
const ofAProcess: readonly Victim[] = ["service", "launcher", "service and launcher"];
const ofACluster: readonly Victim[] = ["service", "launcher", "rank 0", "rank 1"];
const victimsOf: Record<Kind, Record<Moment, readonly Victim[]>> = {
  process: {
    ...{ install: ["service"], load: ofAProcess, probe: ofAProcess },
    ...{ prefill: [...ofAProcess, "child"], stream: [...ofAProcess, "child"], unload: [...ofAProcess, "child"] },
  },
  cluster: {
    ...{ install: ["service"], load: ofACluster, probe: ofACluster },
    ...{ prefill: ofACluster, stream: ofACluster, unload: ofACluster },
  },
};
const moments = Object.keys(flagsOf) as Moment[];
const random = seededRandom(20_261_121);
const below = (end: number) => Math.floor(random() * end);

/** All that there are, each three times, or one of each kind and moment; in any order. */
function killPlan() {
  const rounds = (["process", "cluster"] as const).flatMap((kind) =>
    moments.map((moment) => victimsOf[kind][moment].map((victim) => ({ kind, moment, victim }))),
  );
  const all = rounds.flat();
  const chosen = isFull ? [...all, ...all, ...all] : rounds.map((round) => round[below(round.length)]!);
  const shuffled = chosen.map((one) => ({ ...one, depth: below(8), order: random() }));
  return shuffled.sort((one, other) => one.order - other.order).map((one, number) => ({ number, ...one }));
}

describe("SIGKILL", () => {
  test.each(killPlan())(
    "$number: of the $victim of a $kind at $moment leaves nothing behind, and the next request is answered",
    async ({ kind, moment, victim, depth }) => {
      world.setFlags({ grandchild: true, ...flagsOf[moment] });
      const signs = createSigns();
      // Whoever else waits for the model must not be forgotten either.
      const answers = [world.chat(kind, signs.hear), world.chat(kind)];
      const server = await reach({ moment, victim, depth }, signs, answers);
      world.setFlags({ grandchild: true });
      await world.kill(victim, server);
      const outcomes = await Promise.all(answers);
      if (victim.startsWith("service")) await afterServiceKill(server, outcomes);
      else await afterEngineKill(moment, victim, server, outcomes);
      await expectAllIsWell(kind);
    },
    30_000,
  );
});

/** Brings a server to the moment. */
async function reach(
  { moment, victim, depth }: { moment: Moment; victim: Victim; depth: number },
  signs: Signs,
  answers: Promise<Outcome>[],
): Promise<Server> {
  if (moment === "install") return serverInPhase("installing");
  if (moment === "load") {
    if (depth > 3) await signs.until(/^loading \d/);
    // Where one serves, the other ranks run too.
    const isLate = depth >= 2 || victim.startsWith("rank");
    return serverWhere(({ state, pid, port }) => state === "starting" && pid !== null && (port !== null || !isLate));
  }
  if (moment === "probe") return serverWhere(({ state }) => state === "warming");
  if (moment === "prefill") await signs.until(/^prefill \d/, depth);
  if (moment === "stream") await signs.until(/^word /, depth);
  if (moment === "unload") {
    await Promise.all(answers);
    void world
      .api()
      .send("POST", `/api/models/${model}/unload`)
      .catch((error: unknown) => error);
    return serverWhere(({ state }) => state === "stopping");
  }
  return serverWhere(({ state }) => state === "ready");
}

async function afterServiceKill(server: Server, outcomes: readonly Outcome[]): Promise<void> {
  await world.restart();
  // Done, told by a service that lived a moment longer than its engine, or cut with it.
  for (const { isDone, error } of outcomes)
    expect([isDone ? "done" : error]).toEqual([expect.stringMatching(/^(done|closed|engine_failed)$/)]);
  expect(world.offspring()).toEqual([]);
  const row = await world.api().get<Server>(`/api/servers/${server.id}`);
  // It was being stopped, or it was interrupted: never that it still lives.
  if (row.state === "stopped") expect(server.state).toBe("stopping");
  else expect(row).toMatchObject({ state: "failed", lastError: { message: expect.any(String) } });
  expect(row).toMatchObject({ pid: null, port: null, inFlight: 0 });
}

async function afterEngineKill(moment: Moment, victim: Victim, server: Server, outcomes: readonly Outcome[]) {
  if (moment === "unload") {
    const row = await settled(server.id);
    expect(row).toMatchObject({ state: "stopped", pid: null, inFlight: 0 });
    return;
  }
  if (victim === "child") return; // The answers came: `expectAllIsWell` looks at the rest.
  for (const outcome of outcomes) expect(["engine_failed", "engine_timeout"]).toContain(outcome.error);
  const wasReady = server.readyAt !== null;
  const row = wasReady
    ? await serverWhere(({ id, restarts }) => id === server.id && restarts > 0)
    : await settled(server.id);
  expect(row.lastError).toMatchObject({ code: "engine_failed", message: expect.stringMatching(reasonOf(victim)) });
  if (!wasReady) expect(row).toMatchObject({ state: "failed", pid: null, inFlight: 0 });
}

function reasonOf(victim: Victim): RegExp {
  if (!victim.startsWith("rank")) return /SIGKILL/;
  // One that was killed before it joined is named as such.
  return new RegExp(`^The cluster lost ${victim} on 127\\.0\\.0\\.1|${victim} on 127\\.0\\.0\\.1 ended first`);
}

/** A request is answered, nobody holds a lease, and every process belongs to a server that says so. */
async function expectAllIsWell(kind: Kind): Promise<void> {
  expect(await world.chat(kind)).toMatchObject({
    status: 200,
    isDone: true,
    error: null,
    text: expect.stringMatching(/./),
  });
  const ready = await serverWhere(({ state, inFlight }) => state === "ready" && inFlight === 0);
  const live = await world.liveServers();
  expect(live.map(({ id, inFlight }) => ({ id, inFlight }))).toEqual([{ id: ready.id, inFlight: 0 }]);
  // The engine and its children; nothing of the one before.
  expect(world.offspring().sort()).toEqual(live.flatMap(({ pid }) => groupMembers(pid!)).sort());
  await world.api().send("POST", `/api/models/${model}/unload`);
  expect(await world.liveServers()).toEqual([]);
  expect(world.offspring()).toEqual([]);
}

/** Phases are told as samples, and in snapshots. */
async function serverInPhase(wanted: string): Promise<Server> {
  const id = await world.api().until("servers", ({ snapshot, event }) => {
    if (event?.type === "server.progress") return event.data.phase === wanted ? event.data.id : null;
    return snapshot?.servers?.find(({ phase }) => phase === wanted)?.id;
  });
  return world.api().get<Server>(`/api/servers/${id}`);
}

async function serverWhere(fits: (server: Server) => boolean): Promise<Server> {
  return world.api().until("servers", ({ snapshot, event }) => {
    const all = [...(snapshot?.servers ?? []), ...(event?.type === "server.changed" ? [event.data] : [])];
    return all.find(fits);
  });
}

function settled(id: string): Promise<Server> {
  return serverWhere((server) => server.id === id && ["stopped", "failed"].includes(server.state));
}

interface Signs {
  hear(sign: string): void;
  /** Resolves when as many signs of the kind have come beyond the first. */
  until(kind: RegExp, beyond?: number): Promise<void>;
}

function createSigns(): Signs {
  const heard: string[] = [];
  let look = (): void => undefined;
  return {
    hear(sign) {
      heard.push(sign);
      look();
    },
    until: (kind, beyond = 0) =>
      new Promise((resolve) => {
        look = () => {
          if (heard.filter((sign) => kind.test(sign)).length > beyond) resolve();
        };
        look();
      }),
  };
}
