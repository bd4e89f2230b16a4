import { describe, expect, test } from "@jest/globals";
import { createLog } from "../../../../service/src/platform/log.ts";
import { childEnvironment, serverMark } from "../../../../service/src/serving/pool/units/child-environment.ts";
import { launcherCommand } from "../../../../service/src/serving/pool/units/process/engine-command.ts";
import { engineEnded, withoutPaths } from "../../../../service/src/serving/pool/failures.ts";
import { startHealthMonitor } from "../../../../service/src/serving/pool/supervision/health-monitor.ts";
import { judgeHealth } from "../../../../service/src/serving/pool/supervision/health-policy.ts";
import type { HealthVerdict } from "../../../../service/src/serving/pool/supervision/health-policy.ts";
import { toLoadProgress } from "../../../../service/src/serving/pool/lease.ts";
import { keptBytes, planCleanup } from "../../../../service/src/serving/pool/logs/log-cleanup.ts";
import { isSettled, serverTransitions } from "../../../../service/src/serving/pool/supervision/machine.ts";
import { isMemoryBack } from "../../../../service/src/serving/pool/memory/memory-return.ts";
import { parsePsTime } from "../../../../service/src/serving/pool/memory/process-times.ts";
import type { ProbeResult } from "../../../../service/src/serving/pool/supervision/probe.ts";
import { decideRestart, usualRestartLimits } from "../../../../service/src/serving/pool/supervision/restart-policy.ts";
import { createStartDeadline, startAllowanceMs } from "../../../../service/src/serving/pool/units/start-deadline.ts";
import { createThroughput } from "../../../../service/src/serving/pool/supervision/throughput.ts";
import { createWaitingRoom } from "../../../../service/src/serving/pool/supervision/waiting-room.ts";
import { manualClock } from "./manual-clock.ts";
import { testProfile } from "./pool-world.ts";

const ok: ProbeResult = { ok: true };
const late: ProbeResult = { ok: false, timedOut: true, reason: "no token came back within 20 s" };

describe("the server's states", () => {
  test("settled ones lead nowhere, and every other can be stopped or fail", () => {
    const states = Object.keys(serverTransitions) as (keyof typeof serverTransitions)[];
    expect(states.filter(isSettled)).toEqual(["stopped", "failed", "evicted"]);
    for (const state of states.filter((each) => !isSettled(each) && each !== "stopping")) {
      expect(serverTransitions[state]).toEqual(expect.arrayContaining(["stopping", "failed"]));
    }
  });
});

describe("restarts", () => {
  test("pause 1, 2, 4, 8 and 16 seconds, then stop", () => {
    const failures: number[] = [];
    const decisions = [0, 1, 2, 3, 4, 5].map((minute) => {
      failures.push(minute * 60_000);
      return decideRestart(failures, minute * 60_000, usualRestartLimits);
    });
    expect(decisions.slice(0, 5).map((each) => "afterMs" in each && each.afterMs)).toEqual([1e3, 2e3, 4e3, 8e3, 16e3]);
    expect(decisions[5]).toEqual({ action: "give-up", failures: 6 });
  });

  test("forget failures of more than ten minutes ago", () => {
    const failures = [0, 1, 2, 3, 4, 700_000];
    expect(decideRestart(failures, 700_000, usualRestartLimits)).toEqual({ action: "restart", afterMs: 1000 });
  });
});

describe("the start deadline", () => {
  test("is 60 seconds and 30 more for each GB of weights", () => {
    const settings = { startDeadlineSeconds: 60, startDeadlineSecondsPerGigabyte: 30 };
    expect([startAllowanceMs(0, settings), startAllowanceMs(4e9, settings)]).toEqual([60_000, 180_000]);
  });

  test("is put off by real progress only", async () => {
    const clock = manualClock();
    let expired = 0;
    const options = { clock, allowanceMs: 60_000, extensionMs: 60_000, onExpired: () => void (expired += 1) };
    const deadline = createStartDeadline(options);
    await clock.advance(50_000);
    deadline.note({ phase: "loading-weights", done: 1, total: 9 });
    await clock.advance(50_000);
    deadline.note({ phase: "loading-weights", done: 1, total: 9 });
    await clock.advance(9_999);
    expect(expired).toBe(0);
    await clock.advance(1);
    expect(expired).toBe(1);
  });

  test("never runs out once it is stopped", async () => {
    const clock = manualClock();
    let expired = 0;
    createStartDeadline({ clock, allowanceMs: 10, extensionMs: 10, onExpired: () => void (expired += 1) }).stop();
    await clock.advance(1000);
    expect(expired).toBe(0);
  });
});

describe("a load that nobody waits for", () => {
  test("is given up after five seconds, unless somebody comes back in time", async () => {
    const clock = manualClock();
    let deserted = 0;
    const room = createWaitingRoom(clock, () => void (deserted += 1));
    const ready = new Promise<void>(() => undefined);
    const come = () => {
      const visit = new AbortController();
      room.wait(ready, visit.signal).catch(() => undefined);
      return visit;
    };
    const [first, second] = [come(), come()];
    first.abort();
    await clock.advance(60_000);
    second.abort();
    await clock.advance(4999);
    const third = come();
    await clock.advance(60_000);
    expect(deserted).toBe(0);
    third.abort();
    await clock.advance(5000);
    expect([deserted, room.isEmpty]).toEqual([1, true]);
  });

  test("tells late comers the latest news first", async () => {
    const room = createWaitingRoom(manualClock(), () => undefined);
    room.tell({ phase: "loading", done: 1, total: 2 });
    const seen: string[] = [];
    await room.wait(Promise.resolve(), new AbortController().signal, ({ phase }) => seen.push(phase));
    expect(seen).toEqual(["loading"]);
  });
});

describe("health", () => {
  const idle = { inFlight: 0, silentMs: 1e6, probedMs: 20_000, stallMs: 300_000, failures: 0 };
  test.each([
    ["a token", { ...idle, probe: ok, failures: 3 }, { status: "healthy", failureCount: 0, action: "none" }],
    ["a first miss", { ...idle, probe: late }, { status: "unknown", failureCount: 1, action: "again" }],
    [
      "a second miss",
      { ...idle, probe: late, failures: 1 },
      { status: "unhealthy", failureCount: 2, action: "condemn" },
    ],
    [
      "misses while a request prefills in silence",
      { ...idle, probe: late, inFlight: 1, silentMs: 299_999, failures: 8 },
      { status: "unknown", failureCount: 9, action: "none" },
    ],
    [
      "misses while a request is silent beyond the stall deadline",
      { ...idle, probe: late, inFlight: 1, silentMs: 300_000, failures: 8 },
      { status: "unhealthy", failureCount: 9, action: "condemn" },
    ],
    [
      "a miss while tokens came",
      { ...idle, probe: late, inFlight: 1, silentMs: 100 },
      { status: "healthy", failureCount: 0, action: "none" },
    ],
  ] as const)("%s is judged right", (_title, observation, verdict) => {
    expect(judgeHealth(observation)).toEqual(verdict);
  });

  test("is asked for at the interval while idle, and not at all while tokens come", async () => {
    const world = monitorWorld();
    await world.clock.advance(29_999);
    expect(world.probes).toBe(0);
    await world.clock.advance(30_001);
    expect(world.probes).toBe(2);
    world.activity.inFlight = 1;
    for (let step = 0; step < 10; step += 1) {
      world.activity.lastLifeAt = world.clock.monotonic();
      await world.clock.advance(20_000);
    }
    expect(world.probes).toBe(2);
    expect(world.verdicts.every(({ status }) => status === "healthy")).toBe(true);
  });

  test("condemns an idle engine after two misses, the second a second after the first", async () => {
    const world = monitorWorld();
    world.answer = late;
    await world.clock.advance(30_999);
    expect(world.condemned).toEqual([]);
    await world.clock.advance(1);
    expect(world.condemned).toEqual([late.ok ? "" : late.reason]);
    await world.clock.advance(600_000);
    expect(world.probes).toBe(2);
  });

  test("condemns a busy engine only after the stall deadline", async () => {
    const world = monitorWorld();
    Object.assign(world.activity, { inFlight: 1, lastLifeAt: 0 });
    world.answer = late;
    await world.clock.advance(299_999);
    expect(world.condemned).toEqual([]);
    await world.clock.advance(1);
    expect(world.condemned).toHaveLength(1);
  });

  test("is no longer asked for after the end", async () => {
    const world = monitorWorld();
    world.monitor.stop();
    await world.clock.advance(600_000);
    expect(world.probes).toBe(0);
  });
});

describe("what is left over", () => {
  test("is the last three servers of each profile", () => {
    const settled = ["a5", "b2", "a4", "a3", "a2", "b1"].map((id) => ({ id, profileId: id.charAt(0) }));
    const logs = [...settled, { id: "live" }, { id: "lost" }].map(({ id }) => ({ id, bytes: 1 }));
    expect(planCleanup(settled, new Set(["live"]), logs)).toEqual({ rows: ["a2"], logs: ["a2", "lost"] });
  });

  test("is at most 50 MB of logs, the newest kept", () => {
    const settled = ["new", "mid", "old"].map((id) => ({ id, profileId: "p" }));
    const logs = settled.map(({ id }) => ({ id, bytes: keptBytes / 2 }));
    expect(planCleanup(settled, new Set(), logs)).toEqual({ rows: [], logs: ["old"] });
  });
});

describe("small rules", () => {
  test("an engine inherits a short list, never our key or a token", () => {
    const inherited = {
      PATH: "/bin",
      LC_ALL: "C",
      MLX_METAL_JIT: "1",
      MLX_MANAGER_API_KEY: "k",
      HF_TOKEN: "t",
      AWS: "s",
    };
    const environment = childEnvironment(inherited, "server_1");
    expect(environment).toMatchObject({ PATH: "/bin", LC_ALL: "C", MLX_METAL_JIT: "1", [serverMark]: "server_1" });
    expect(environment).toMatchObject({ HF_HUB_OFFLINE: "1", HF_HUB_DISABLE_TELEMETRY: "1", DO_NOT_TRACK: "1" });
    expect(Object.keys(environment)).not.toEqual(expect.arrayContaining(["MLX_MANAGER_API_KEY"]));
    expect(environment).not.toHaveProperty("HF_TOKEN");
    expect(environment).not.toHaveProperty("AWS");
  });

  test("the launcher gets the absolute folder, the port range and the options", () => {
    const { file, args } = launcherCommand({
      profile: testProfile(),
      options: { promptCacheSize: 2 },
      location: {
        ...{ model: "a/b", revision: "r", path: "/cache/x", weightBytes: 0 },
        facts: { contextLength: null, vocabularySize: null, architecture: null, capabilities: [] },
      },
      environment: { version: "1", python: "/venv/python", launcher: "/launcher.py" },
      portStart: 10_250,
    });
    expect([file, ...args].join(" ")).toBe(
      '/venv/python /launcher.py --model /cache/x --host 127.0.0.1 --port-start 10250 --port-count 200 --options {"promptCacheSize":2}',
    );
  });

  test("memory is back within ten percent of the footprint", () => {
    const gigabyte = 1e9;
    expect(isMemoryBack(10 * gigabyte, 2 * gigabyte, 11 * gigabyte)).toBe(true);
    expect(isMemoryBack(10 * gigabyte, 2 * gigabyte, 9 * gigabyte)).toBe(false);
    expect(isMemoryBack(0.1 * gigabyte, 2 * gigabyte, 2 * gigabyte)).toBe(true);
  });

  test.each([
    ['  File "/home/me/venv/lib/x.py", line 3', '  File "…/x.py", line 3'],
    ["loading /Users/me/model dir/x and file:///tmp/a/b", "loading …/model dir/x and …/b"],
    ['"POST /v1/chat/completions HTTP/1.1" 200', '"POST /v1/chat/completions HTTP/1.1" 200'],
    ["POST /v1 http://127.0.0.1:1/v1/chat/completions 3/4", "POST /v1 http://127.0.0.1:1/v1/chat/completions 3/4"],
  ])("paths are cut out of what leaves: %s", (line, expected) => {
    expect(withoutPaths(line)).toBe(expected);
  });

  test("an engine out of memory is told as such", () => {
    const error = engineEnded({ code: 1, signal: null }, { code: "out_of_memory", message: "bad_alloc" }, []);
    expect(error).toMatchObject({
      code: "engine_failed",
      message: expect.stringContaining("does not fit into memory"),
    });
  });

  test("the rate covers the last minute and outlives a pause", () => {
    let now = 0;
    const throughput = createThroughput(() => now);
    expect(throughput.tokensPerSecond()).toBeNull();
    throughput.note(10, 1);
    now = 61_000;
    expect(throughput.tokensPerSecond()).toBe(10);
    throughput.note(100, 2);
    expect([throughput.tokensPerSecond(), throughput.totalTokens()]).toEqual([50, 110]);
  });

  test.each([
    ["0:01.50", 1.5],
    ["61:05", 3665],
    ["1:00:00", 3600],
    ["2-01:00:00", 176_400],
    ["", null],
  ])("CPU time %j of ps is understood", (text, seconds) => {
    expect(parsePsTime(text)).toBe(seconds);
  });

  test.each([
    ["importing", "starting"],
    ["loading-weights", "loading"],
    ["warming", "warming"],
    ["constructor", "starting"],
  ])("a launcher's phase %s is shown as %s", (phase, shown) => {
    expect(toLoadProgress(phase, 1, null)).toEqual({ phase: shown, done: 1 });
  });
});

function monitorWorld() {
  const clock = manualClock();
  const activity = { inFlight: 0, lastLifeAt: 0 };
  const world = {
    ...{ clock, activity, probes: 0, answer: ok as ProbeResult },
    ...{ verdicts: [] as HealthVerdict[], condemned: [] as string[] },
  };
  const monitor = startHealthMonitor({
    clock,
    log: createLog({ debug: false }),
    settings: () => ({ healthCheckIntervalSeconds: 30, probeDeadlineSeconds: 20, stallDeadlineSeconds: 300 }),
    probe: () => {
      world.probes += 1;
      return Promise.resolve(world.answer);
    },
    activity: () => activity,
    report: (verdict) => world.verdicts.push(verdict),
    condemn: (reason) => world.condemned.push(reason),
  });
  return Object.assign(world, { monitor });
}
