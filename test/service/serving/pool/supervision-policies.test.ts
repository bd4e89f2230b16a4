import { describe, expect, test } from "@jest/globals";
import type { MemoryReading } from "../../../../service/src/contract/servers.ts";
import type { MachineMemory } from "../../../../service/src/contract/system.ts";
import type { AppError } from "../../../../service/src/platform/errors.ts";
import { createEvents } from "../../../../service/src/platform/events.ts";
import { createLog } from "../../../../service/src/platform/log.ts";
import { heedLog } from "../../../../service/src/serving/pool/supervision/heed-log.ts";
import {
  createLineReader,
  exceptionOf,
  isAtLeast,
  noteText,
} from "../../../../service/src/serving/pool/logs/log-lines.ts";
import { createMemoryGuard } from "../../../../service/src/serving/pool/memory/memory-guard.ts";
import { capOf, floorOf, judgeMemory } from "../../../../service/src/serving/pool/memory/memory-policy.ts";
import type { ServerFootprint } from "../../../../service/src/serving/pool/memory/memory-policy.ts";
import {
  parseFootprints,
  parsePss,
  parseResident,
} from "../../../../service/src/serving/pool/memory/outside-memory.ts";
import { manualClock } from "./manual-clock.ts";

const gigabyte = 1e9;

describe("a line of an engine", () => {
  test.each([
    ["2026-11-21 11:00:00,123 - INFO - Prompt processing progress: 2048/4096", "info", "prefill"],
    ["2026-11-21 11:00:00,123 - WARNING - Prompt cache is full", "warning", "output"],
    ["2026-11-21 11:00:00,123 - ERROR - Invalid Request Body: {}", "error", "output"],
    ["2026-11-21 11:00:00,123 - DEBUG - Starting stream:", "debug", "output"],
    ['127.0.0.1 - - [21/Nov/2026 11:00:00] "POST /v1/chat/completions HTTP/1.1" 200 -', "debug", "request"],
    ["INFO:     Started server process [42]", "info", "output"],
    ["CRITICAL: no memory", "error", "output"],
    ["/x/site-packages/y.py:1: UserWarning: slow", "warning", "output"],
    ["fatal out_of_memory: the model could not be loaded", "error", "output"],
    ["mlx.core.MetalError: out of memory", "error", "output"],
    [noteText("warning", "takes much"), "warning", "note"],
    ["An answer about Error: handling in INFO leaflets", "info", "output"],
    ["", "info", "output"],
  ])("%s is %s, %s", (text, level, kind) => {
    expect(createLineReader()(text)).toMatchObject({ text, level, kind });
  });

  test("of a traceback belongs to it up to the exception, also in a chain", () => {
    const read = createLineReader();
    const text = `before
Traceback (most recent call last):
  File "/x/a.py", line 1, in f
    g()
ValueError: first

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/x/a.py", line 2, in f
    h()
mlx.core.RuntimeError: second
after`;
    const lines = text.split("\n").map(read);
    const kinds = lines.map(({ kind }) => (kind === "traceback" ? "T" : "o")).join("");
    expect(kinds).toBe("oTTTToTTTTTTo");
    expect(lines.map(exceptionOf).filter((each) => each !== null)).toEqual([
      "ValueError: first",
      "mlx.core.RuntimeError: second",
    ]);
  });

  test("is shown to who asked for its level or less", () => {
    expect((["debug", "info", "warning", "error"] as const).map((level) => isAtLeast(level, "warning"))).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });
});

describe("signs in a log", () => {
  test("prefill is life only while it moves on, tracebacks are heard once in five seconds", async () => {
    const clock = manualClock();
    const read = createLineReader();
    const seen: string[] = [];
    const heed = heedLog(clock, { life: () => seen.push("life"), complaint: (text) => seen.push(text) });
    const say = (text: string) => text.split("\n").forEach((line) => heed(read(line)));
    const prefill = (done: number, total: number) => say(`- INFO - Prompt processing progress: ${done}/${total}`);
    prefill(512, 4096);
    prefill(512, 4096);
    prefill(1024, 4096);
    prefill(512, 8192);
    const trouble = "Traceback (most recent call last):\n  File x\nValueError: bad";
    say(trouble);
    say(trouble);
    await clock.advance(5000);
    say(trouble);
    expect(seen).toEqual(["life", "life", "life", "ValueError: bad", "ValueError: bad"]);
  });
});

describe("memory from outside", () => {
  test("is read from what Linux tells of a process", () => {
    expect(parsePss("560d-7ffd ---p 0 00:00 0 [rollup]\nRss:  2048 kB\nPss:  1024 kB\nPss_Dirty: 8 kB\n")).toBe(
      1024 * 1024,
    );
    expect(parseResident("Name:\tnode\nVmHWM:\t 900 kB\nVmRSS:\t  512 kB\n")).toBe(512 * 1024);
    expect([parsePss(""), parseResident("")]).toEqual([null, null]);
  });

  test("is read from what macOS' footprint prints of each process", () => {
    const text = `${"=".repeat(70)}
python3.11 [4242]: 64-bit    Footprint: 12 GB (16384 bytes per page)
${"=".repeat(70)}

  Dirty      Clean  Reclaimable    Regions    Category
    ---        ---          ---        ---    ---
  11 GB        0 B          0 B        123    IOAccelerator (graphics)

Auxiliary data:
    phys_footprint_peak: 13 GB
sh [4243]: 64-bit    Footprint: 1536 KB (16384 bytes per page)
`;
    expect(parseFootprints(text)).toEqual([12 * 1024 ** 3, 1536 * 1024]);
  });
});

describe("the memory of the machine", () => {
  const machine = { totalBytes: 64e9, limitBytes: 48e9, availableBytes: 20e9, pressure: null, method: "test" } as const;
  const server = (id: string, footprintBytes: number, more: Partial<ServerFootprint> = {}): ServerFootprint => ({
    ...{ id, footprintBytes, forecastBytes: null, inFlight: 0 },
    ...more,
  });

  test("a cap is half more than the forecast, half a gigabyte at least; the floor three percent, between bounds", () => {
    expect([capOf(10 * gigabyte), capOf(gigabyte / 10), capOf(null)]).toEqual([15e9, 0.1e9 + 512 * 1024 * 1024, null]);
    expect([floorOf({ limitBytes: 4e9 }), floorOf({ limitBytes: 48e9 }), floorOf({ limitBytes: 400e9 })]).toEqual([
      256 * 1024 * 1024,
      1.44e9,
      2 * 1024 ** 3,
    ]);
  });

  test.each([
    ["enough is left", {}, [server("a", 10e9), server("b", 10e9)], "none"],
    ["all together take more than models may", {}, [server("a", 30e9), server("b", 20e9)], "a limit"],
    ["next to nothing is left", { availableBytes: 1e9 }, [server("a", 2e9), server("b", 20e9)], "b available"],
    [
      "little is left, and the system says it is critical",
      { availableBytes: 2e9, pressure: "critical" as const },
      [server("a", 2e9)],
      "a available",
    ],
    [
      "little is left, and the system is calm",
      { availableBytes: 2e9, pressure: "normal" as const },
      [server("a", 2e9)],
      "none",
    ],
    [
      "the one over its forecast is smaller",
      { availableBytes: 1e9 },
      [server("a", 9e9, { forecastBytes: 3e9 }), server("b", 20e9, { forecastBytes: 20e9 })],
      "a available",
    ],
    [
      "the largest is in use",
      { availableBytes: 1e9 },
      [server("a", 9e9), server("b", 20e9, { inFlight: 1 })],
      "a available",
    ],
    ["it is others that took it", { availableBytes: 1e6 }, [server("a", 100e6)], "none"],
    ["nothing is served", { availableBytes: 0 }, [], "none"],
  ])("when %s, the right one goes", (_title, change, servers, expected) => {
    const verdict = judgeMemory({ ...machine, ...change }, servers);
    expect(verdict.action === "stop" ? `${verdict.id} ${verdict.because}` : "none").toBe(expected);
  });

  test("is looked at every five seconds, every second when it is short, and not at all when nothing is served", async () => {
    const world = guardWorld();
    const server = world.serve("a", 1e9);
    await world.clock.advance(20_000);
    expect(world.looks).toBe(4);
    world.memory = { ...machine, availableBytes: 4e9 };
    await world.clock.advance(5000);
    const before = world.looks;
    await world.clock.advance(10_000);
    expect(world.looks - before).toBe(10);
    server.settle();
    await world.clock.advance(1000);
    const atEnd = world.looks;
    await world.clock.advance(60_000);
    expect(world.looks).toBe(atEnd);
  });

  test("is looked at when a reading comes, but no more than once a second", async () => {
    const world = guardWorld();
    world.serve("a", 1e9);
    for (let count = 0; count < 30; count += 1) {
      world.guard.alarm();
      await world.clock.advance(100);
    }
    // At once, then after one, two and three seconds.
    expect(world.looks).toBe(4);
  });

  test("one goes, and nobody else before its memory is back", async () => {
    const world = guardWorld();
    const [one, other] = [world.serve("one", 30e9), world.serve("other", 25e9)];
    await world.clock.advance(5000);
    expect([one.ended, other.ended]).toEqual([expect.objectContaining({ code: "insufficient_memory" }), null]);
    await world.clock.advance(60_000);
    expect(other.ended).toBeNull();
    one.settle();
    await world.clock.advance(60_000);
    expect(other.ended).toBeNull();
  });

  test("changes of the pressure are told, and a silent engine is measured", async () => {
    const world = guardWorld();
    const server = world.serve("a", 1e9);
    for (const pressure of ["normal", "warning", "warning", "critical", "normal"] as const) {
      world.memory = { ...machine, pressure };
      await world.clock.advance(5000);
    }
    expect(world.told).toEqual(["warning", "critical", "normal"]);
    expect(server.measured).toBeGreaterThan(0);
  });

  function guardWorld() {
    const clock = manualClock();
    const told: unknown[] = [];
    const events = createEvents({ clock, boot: "test", onListenerError: (error) => told.push(error) });
    events.listen((event) => void (event.type === "machine.memory-pressure" && told.push(event.data.pressure)));
    const world = { clock, told, looks: 0, memory: machine as MachineMemory };
    const guard = createMemoryGuard({
      ...{ clock, events, log: createLog({ debug: false, destination: { write: () => undefined } }) },
      machine: {
        memory() {
          world.looks += 1;
          return world.memory;
        },
      },
    });
    const serve = (id: string, footprintBytes: number) => {
      const settled = Promise.withResolvers<void>();
      const state = { ended: null as AppError | null, measured: 0, settle: settled.resolve };
      const reading: MemoryReading = { footprintBytes, method: "pss", at: new Date(clock.now()).toISOString() };
      guard.watch({
        ...{ id, inFlight: 0, settled: settled.promise, forecastBytes: () => null, reading: () => reading },
        allowedBytes: () => null,
        get isLeaving() {
          return state.ended !== null;
        },
        measure: () => Promise.resolve(void (state.measured += 1)),
        end: (reason) => void (state.ended = reason),
        note: () => undefined,
      });
      return state;
    };
    return Object.assign(world, { guard, serve });
  }
});
