import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import type { Job, JobState } from "../../../../service/src/contract/jobs.ts";
import { createJobs } from "../../../../service/src/core/jobs/index.ts";
import type { JobContext, JobRunner, Jobs } from "../../../../service/src/core/jobs/index.ts";
import { jobTransitions } from "../../../../service/src/core/jobs/machine.ts";
import { AppError } from "../../../../service/src/platform/errors.ts";
import { canMove } from "../../../../service/src/platform/machine.ts";
import type { LogSource } from "../../../../service/src/platform/process/log-file.ts";
import { testDatabase } from "../../serving/database.ts";
import { temporaryFolder } from "../../../tools/temporary-folder.ts";
import { coreWorld } from "../core-world.ts";

const folder = temporaryFolder();

/** Work that ends when the test says so. `afterAbort`: what it does when it is told to stop. */
function steered(afterRestart: JobRunner["afterRestart"] = "queue", afterAbort: "throw" | "finish" = "throw") {
  const runs: { subject: string; context: JobContext; succeed: () => void; fail: (error: Error) => void }[] = [];
  const begun: (() => void)[] = [];
  const runner: JobRunner = {
    afterRestart,
    run: (subject, context) =>
      new Promise((resolve, reject) => {
        runs.push({ subject, context, succeed: () => resolve(), fail: reject });
        context.signal.addEventListener("abort", () =>
          afterAbort === "throw" ? reject(context.signal.reason as Error) : resolve(),
        );
        begun.shift()?.();
      }),
  };
  const next = () => new Promise<void>((resolve) => begun.push(resolve));
  return { runner, runs, next };
}

function world(database = testDatabase(), afterAbort?: "throw" | "finish") {
  const core = coreWorld(database);
  const jobs = createJobs({ ...core, logFolder: folder.in("logs") });
  const work = steered("queue", afterAbort);
  jobs.register("engine-install", work.runner);
  const changes = () => core.seen.filter(({ type }) => type === "job.changed").map(({ data }) => (data as Job).state);
  const begin = async (subject = "mlx-lm") => {
    const began = work.next();
    const job = jobs.start("engine-install", subject);
    await began;
    const run = work.runs.at(-1);
    if (!run) throw new Error("The work did not begin.");
    return { job, ...run };
  };
  return { ...core, ...work, jobs, changes, begin };
}

async function textOf(log: LogSource, follow = false): Promise<string> {
  let text = "";
  for await (const chunk of log.read({ tail: 1000, follow, signal: new AbortController().signal })) text += chunk;
  return text;
}

const states: JobState[] = ["queued", "running", "succeeded", "failed", "cancelled"];
const allowed = [
  ...["queued running", "queued cancelled", "queued failed"],
  ...["running succeeded", "running failed", "running cancelled", "running queued"],
];

test("a job moves only as the state table says", () => {
  const moves = states.flatMap((from) => states.map((to) => `${from} ${to}`));
  expect(moves.filter((move) => canMove(jobTransitions, ...(move.split(" ") as [JobState, JobState]))).sort()).toEqual(
    [...allowed].sort(),
  );
});

describe("a job", () => {
  test("runs to its end, with row and event at every step", async () => {
    const { begin, changes, clock, jobs } = world();
    const { job, subject, succeed } = await begin();
    expect([job.state, subject]).toEqual(["running", "mlx-lm"]);
    clock.advance(2000);
    succeed();
    const done = await jobs.finished(job.id);
    expect(done).toMatchObject({ state: "succeeded", error: null, finishedAt: "2026-01-01T00:00:02.000Z" });
    expect(changes()).toEqual(["queued", "running", "succeeded"]);
    expect(jobs.get(job.id)).toEqual(done);
  });

  test("is answered again while it is active, and made anew afterwards", async () => {
    const { begin, jobs, runs } = world();
    const { job, succeed } = await begin();
    expect(jobs.start("engine-install", "mlx-lm").id).toBe(job.id);
    expect(jobs.active("engine-install", "mlx-lm")?.id).toBe(job.id);
    const other = await begin("mlx-vlm");
    expect(other.job.id).not.toBe(job.id);
    succeed();
    await jobs.finished(job.id);
    expect(jobs.active("engine-install", "mlx-lm")).toBeNull();
    expect(jobs.latest("engine-install", "mlx-lm")?.state).toBe("succeeded");
    expect((await begin()).job.id).not.toBe(job.id);
    expect(runs).toHaveLength(3);
    await jobs.close();
  });

  test("that fails keeps the reason, in row, event and log", async () => {
    const { begin, jobs, seen } = world();
    const { job, fail } = await begin();
    fail(new AppError("disk_full", "Free some space, then try again.", { details: { needed: 5 } }));
    const error = { code: "disk_full", message: "Free some space, then try again.", details: { needed: 5 } };
    expect(await jobs.finished(job.id)).toMatchObject({ state: "failed", error });
    expect(seen.at(-1)?.data).toMatchObject({ state: "failed", error });
    expect(await textOf(jobs.log(job.id))).toContain("failed: Free some space, then try again.");
  });

  test("that fails for an unknown reason shows nothing of it, and logs it whole", async () => {
    const { begin, jobs, logged } = world();
    const { job, fail } = await begin();
    fail(new Error("/home/ada broke"));
    const done = await jobs.finished(job.id);
    expect(done.error?.code).toBe("internal");
    expect(JSON.stringify(done)).not.toContain("ada");
    expect(logged.find(({ msg }) => msg === "job failed")).toMatchObject({ error: { message: "/home/ada broke" } });
  });

  test("is cancelled: its signal aborts, and the answer waits for its end", async () => {
    const { begin, changes, jobs } = world();
    const { job, context } = await begin();
    const cancelled = await jobs.cancel(job.id);
    expect(context.signal.aborted).toBe(true);
    expect(cancelled).toMatchObject({ state: "cancelled", error: null, finishedAt: expect.any(String) });
    expect(await jobs.cancel(job.id)).toEqual(cancelled);
    expect(changes()).toEqual(["queued", "running", "cancelled"]);
  });

  test("that finishes in spite of its cancelling has succeeded", async () => {
    const { begin, jobs } = world(undefined, "finish");
    const { job } = await begin();
    expect((await jobs.cancel(job.id)).state).toBe("succeeded");
  });

  test("that nobody knows is not_found", async () => {
    const { jobs } = world();
    for (const ask of [() => jobs.get("none"), () => jobs.log("none")]) expect(ask).toThrow("There is no such job.");
    await expect(jobs.cancel("none")).rejects.toThrow("There is no such job.");
  });

  test("without a runner is refused and leaves no row in the way", () => {
    const { jobs } = world();
    expect(() => jobs.start("engine-remove", "mlx-lm")).toThrow("No runner");
    expect(jobs.active("engine-remove", "mlx-lm")).toBeNull();
  });

  test("whose log cannot be written fails at once, and does not stand in the way", async () => {
    const { jobs, logged } = world();
    writeFileSync(folder.in("logs"), "in the way of the folder");
    expect(jobs.start("engine-install", "mlx-lm")).toMatchObject({ state: "failed", error: { code: "internal" } });
    expect(jobs.active("engine-install", "mlx-lm")).toBeNull();
    expect(logged.map(({ msg }) => msg)).toContain("the job's log cannot be written");
    await jobs.close();
  });

  test("waiting for its end can be given up without harm to it", async () => {
    const { begin, jobs } = world();
    const { job, succeed } = await begin();
    const controller = new AbortController();
    const waiting = jobs.finished(job.id, controller.signal);
    controller.abort(new Error("no patience"));
    await expect(waiting).rejects.toThrow("no patience");
    succeed();
    expect((await jobs.finished(job.id)).state).toBe("succeeded");
  });
});

describe("progress", () => {
  test("comes as events, the latest of half a second, and is seen by whoever asks", async () => {
    const { begin, clock, jobs, seen } = world();
    const { job, context, succeed } = await begin();
    for (let done = 1; done <= 3; done += 1) context.progress({ phase: "packages", done, total: 9, unit: "packages" });
    const present = { phase: "packages", done: 3, total: 9, unit: "packages" };
    expect(jobs.get(job.id)).toMatchObject(present);
    expect(jobs.allActive()).toEqual([expect.objectContaining(present)]);
    expect(jobs.list({ limit: 5 }).items).toEqual([expect.objectContaining(present)]);
    clock.advance(500);
    const progress = seen.filter(({ type }) => type === "job.progress").map(({ data }) => (data as Job).done);
    expect(progress).toEqual([1, 3]);
    succeed();
    await jobs.finished(job.id);
  });

  test("of work that is over is not heard any more", async () => {
    const { begin, clock, jobs, seen } = world();
    const { job, context } = await begin();
    await jobs.cancel(job.id);
    context.progress({ phase: "late" });
    clock.advance(5000);
    expect(seen.at(-1)?.type).toBe("job.changed");
    expect(jobs.get(job.id).phase).toBeNull();
  });
});

test("a log is followed until the job ends", async () => {
  const { begin, jobs } = world();
  const { job, context, succeed } = await begin();
  context.log("first");
  const followed = textOf(jobs.log(job.id), true);
  context.log("second");
  succeed();
  await jobs.finished(job.id);
  const text = "2026-01-01T00:00:00.000Z first\n2026-01-01T00:00:00.000Z second\n";
  expect(await followed).toBe(text);
  expect(await textOf(jobs.log(job.id), true)).toBe(text);
});

describe("after a restart", () => {
  const insert = (database: ReturnType<typeof testDatabase>, id: string, kind: string, state: string) =>
    database
      .prepare(
        "INSERT INTO jobs (id, kind, subject, state, created_at) VALUES (?, ?, ?, ?, '2026-01-01T00:00:00.000Z')",
      )
      .run(id, kind, id, state);

  test("what was interrupted begins anew, or fails, as its runner says", async () => {
    const database = testDatabase();
    insert(database, "install-running", "engine-install", "running");
    insert(database, "install-queued", "engine-install", "queued");
    insert(database, "remove-running", "engine-remove", "running");
    insert(database, "done", "engine-install", "succeeded");
    const { jobs, next, runs } = world(database);
    jobs.register("engine-remove", steered("fail").runner);
    const both = Promise.all([next(), next()]);
    jobs.recover();
    await both;
    expect(runs.map(({ subject }) => subject).sort()).toEqual(["install-queued", "install-running"]);
    expect(jobs.get("remove-running")).toMatchObject({
      state: "failed",
      error: { message: "The service stopped while this ran. Start it again." },
    });
    expect(jobs.get("done").state).toBe("succeeded");
    await jobs.close();
  });

  test("finished jobs beyond the newest fifty go, with their logs", () => {
    const database = testDatabase();
    const { jobs } = world(database);
    mkdirSync(folder.in("logs"), { recursive: true });
    const log = (number: number) => folder.in(`logs/job-${number}.log`);
    for (let number = 100; number < 155; number += 1) {
      insert(database, `job_${number}`, "engine-install", "failed");
      writeFileSync(log(number), "said");
      database.prepare("UPDATE jobs SET log_file = ? WHERE id = ?").run(log(number), `job_${number}`);
    }
    jobs.recover();
    const kept = jobs.list({ limit: 200 }).items.map(({ id }) => id);
    expect([kept.length, kept.at(0), kept.at(-1)]).toEqual([50, "job_154", "job_105"]);
    expect([existsSync(log(104)), existsSync(log(105))]).toEqual([false, true]);
  });

  test("a stop puts what runs back into the queue, without its progress", async () => {
    const database = testDatabase();
    const first = world(database);
    const { job, context } = await first.begin();
    context.progress({ phase: "packages", done: 3, total: 9, unit: "packages" });
    await first.jobs.close();
    expect(first.jobs.get(job.id)).toMatchObject({ state: "queued", phase: null, done: null, total: null, unit: null });
    const second = world(database);
    const began = second.next();
    second.jobs.recover();
    await began;
    second.runs[0]?.succeed();
    expect((await second.jobs.finished(job.id)).state).toBe("succeeded");
  });
});

test("lists are paged newest first, and filtered by kind and state", async () => {
  const { clock, database, jobs } = world();
  mkdirSync(folder.in("logs"));
  const insert = database.prepare("INSERT INTO jobs (id, kind, subject, state, created_at) VALUES (?, ?, 's', ?, ?)");
  // Several of one moment: the id decides.
  for (let number = 0; number < 25; number += 1) {
    const at = new Date(clock.now() + Math.floor(number / 4) * 1000).toISOString();
    insert.run(`job_${String(number).padStart(2, "0")}`, number % 2 ? "engine-remove" : "engine-install", "failed", at);
  }
  const collect = (filter: Parameters<Jobs["list"]>[0]) => {
    const found: string[] = [];
    for (let cursor: string | null | undefined; cursor !== null;) {
      const page = jobs.list({ ...filter, ...(cursor === undefined ? {} : { cursor }) });
      found.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    return found;
  };
  const all = Array.from({ length: 25 }, (_, index) => `job_${String(24 - index).padStart(2, "0")}`);
  for (const limit of [1, 4, 7, 25, 200]) expect(collect({ limit })).toEqual(all);
  expect(collect({ limit: 3, kind: "engine-remove" })).toEqual(all.filter((id) => Number(id.slice(4)) % 2 === 1));
  expect(collect({ limit: 3, state: "running" })).toEqual([]);
});
