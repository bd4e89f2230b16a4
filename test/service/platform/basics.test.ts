import { mkdirSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "@jest/globals";
import { systemClock, timestamp, wait } from "../../../service/src/platform/clock.ts";
import { AppError, isAbort, systemCode, toFailure } from "../../../service/src/platform/errors.ts";
import { createIds, randomIds } from "../../../service/src/platform/ids.ts";
import { createLog } from "../../../service/src/platform/log.ts";
import { assertMove, canMove } from "../../../service/src/platform/machine.ts";
import { findPlace, missingParts } from "../../../service/src/platform/place.ts";
import { manualClock } from "../../tools/manual-clock.ts";
import { temporaryFolder } from "../../tools/temporary-folder.ts";

describe("the clock", () => {
  test("calls after the time, and not when it was taken back", () => {
    const clock = manualClock();
    const calls: string[] = [];
    clock.after(20, () => calls.push("late"));
    clock.after(10, () => calls.push("early"));
    clock.after(15, () => calls.push("never"))();
    clock.advance(20);
    expect(calls).toEqual(["early", "late"]);
    expect(timestamp(clock)).toBe("2026-01-01T00:00:00.020Z");
  });

  test("of the system calls in order, and a timer that was taken back stays silent", async () => {
    const calls: string[] = [];
    systemClock.after(0, () => calls.push("taken back"))();
    await new Promise<void>((resolve) => void systemClock.after(1, resolve));
    expect(calls).toEqual([]);
    expect(systemClock.monotonic()).toBeLessThanOrEqual(systemClock.monotonic());
  });

  test("a wait ends with its time, or with the signal's reason, and then leaves no timer", async () => {
    const clock = manualClock();
    const whole = wait(clock, 50);
    clock.advance(50);
    await whole;
    const controller = new AbortController();
    const cut = wait(clock, 50, controller.signal);
    const reason = new Error("enough");
    controller.abort(reason);
    await expect(cut).rejects.toBe(reason);
    await expect(wait(clock, 50, controller.signal)).rejects.toBe(reason);
    expect(clock.timers()).toBe(0);
  });
});

test("ids are unique, safe in paths and sorted as they were made, also within a millisecond", () => {
  const ids = Array.from({ length: 1000 }, () => randomIds("job"));
  expect(new Set(ids).size).toBe(1000);
  for (const id of ids) expect(id).toMatch(/^job_[0-9a-hjkmnp-tv-z]{26}$/);
  expect([...ids].sort()).toEqual(ids);
});

test("an id is greater than the last one when the clock goes back, and when the random part was the highest", () => {
  const times = [5000, 4000, 4000, 5000, 5001];
  const make = createIds(
    () => times.shift() ?? 0,
    (bytes) => new Uint8Array(bytes).fill(255),
  );
  const ids = Array.from({ length: 5 }, () => make("job"));
  expect([...ids].sort()).toEqual(ids);
  expect(new Set(ids).size).toBe(5);
});

describe("errors", () => {
  test("carry their code's status, and travel without their cause", () => {
    const error = new AppError("disk_full", "Free some space.", { cause: new Error("ENOSPC"), details: { needed: 1 } });
    expect(error.status).toBe(507);
    expect(toFailure(error)).toEqual({ code: "disk_full", message: "Free some space.", details: { needed: 1 } });
  });

  test("of others travel without their text", () => {
    const failure = toFailure(new Error("/home/ada/secret"));
    expect(failure.code).toBe("internal");
    expect(JSON.stringify(failure)).not.toContain("ada");
  });

  test("an abort and a system error are known by name and code, not by text", async () => {
    const aborted = await wait(manualClock(), 1, AbortSignal.abort()).catch((error: unknown) => error);
    expect([isAbort(aborted), isAbort(new Error("AbortError")), isAbort(null)]).toEqual([true, false, false]);
    expect(systemCode(Object.assign(new Error("x"), { code: "ENOENT" }))).toBe("ENOENT");
    expect([systemCode(new Error("ENOENT")), systemCode("ENOENT")]).toEqual([undefined, undefined]);
  });
});

test("a state moves only where its table allows, and staying is no move", () => {
  const table = { off: ["on"], on: [] } as const;
  expect([canMove(table, "off", "on"), canMove(table, "on", "off"), canMove(table, "on", "on")]).toEqual([
    true,
    false,
    false,
  ]);
  expect(() => assertMove(table, "on", "off", "lamp")).toThrow("The lamp is on; it cannot become off.");
});

describe("the log", () => {
  const lines = (debug = false) => {
    const written: string[] = [];
    return { log: createLog({ debug, destination: { write: (line) => void written.push(line) } }), written };
  };

  test("takes secrets out wherever they are, and leaves the rest", () => {
    const { log, written } = lines();
    const secret = "s3cret";
    const headers = { authorization: secret, "x-api-key": secret, "set-cookie": secret, accept: "kept" };
    const error = Object.assign(new Error("failed"), { token: secret, request: { options: { headers } } });
    log.info({
      headers,
      apiKey: secret,
      deep: { er: { still: [{ password: secret }] } },
      hubToken: secret,
      HF_TOKEN: secret,
    });
    log.error({ error }, "with an error");
    log.child({ token: secret }).info("from a child");
    const text = written.join("");
    expect(text).not.toContain(secret);
    expect(text.match(/\[secret\]/g)).toHaveLength(12);
    expect(text).toContain('"accept":"kept"');
    expect(text).toContain("basics.test.ts");
  });

  test("keeps numbers, dates and counts of tokens", () => {
    const { log, written } = lines();
    const at = new Date(0);
    log.info({ inputTokens: 5, apiToken: null, at, list: [1, "two"] });
    expect(JSON.parse(written[0] as string)).toMatchObject({
      inputTokens: 5,
      apiToken: null,
      at: at.toISOString(),
      list: [1, "two"],
    });
  });

  test("survives an object that holds itself", () => {
    const { log, written } = lines();
    const circle: Record<string, unknown> = { name: "circle" };
    circle["self"] = circle;
    log.info(circle);
    expect(written).toHaveLength(1);
  });

  test("writes debug lines only when asked to", () => {
    for (const debug of [true, false]) {
      const { log, written } = lines(debug);
      log.debug("detail");
      expect(written).toHaveLength(debug ? 1 : 0);
    }
  });
});

describe("the place of the package's parts", () => {
  const folder = temporaryFolder();

  test("holds everything, from source", () => {
    const place = findPlace();
    expect(missingParts(place)).toEqual([]);
    expect(place.worker("library/downloads/worker/main")).toMatch(
      /service\/src\/library\/downloads\/worker\/main\.ts$/,
    );
  });

  test("is the same from the built package, and tells what is missing", () => {
    const root = folder.in("package with space");
    const place = findPlace(pathToFileURL(path.join(root, "dist", "platform", "place.js")).href);
    expect(place.packageRoot).toBe(root);
    expect(place.migrations).toBe(path.join(root, "dist", "platform", "database", "migrations"));
    expect(place.worker("a/b")).toBe(path.join(root, "dist", "a", "b.js"));
    expect(missingParts(place)).toEqual(["migrations", "engines", "demo model"]);
    mkdirSync(place.engines, { recursive: true });
    expect(missingParts(place)).toEqual(["migrations", "demo model"]);
  });
});
