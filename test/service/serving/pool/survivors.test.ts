import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isAlive, processStart } from "../../../../service/src/platform/process/identity.ts";
import { serverMark } from "../../../../service/src/serving/pool/units/child-environment.ts";
import { groupMembers, signalMembers } from "../../../../service/src/serving/pool/units/process/process-group.ts";
import { newRow } from "../../../../service/src/serving/pool/supervision/server-record.ts";
import { createServerStore } from "../../../../service/src/serving/pool/store.ts";
import type { ServerRow } from "../../../../service/src/serving/pool/store.ts";
import { systemClock } from "../../../../service/src/platform/clock.ts";
import { testDatabase } from "../database.ts";
import { createWorld } from "./pool-world.ts";

let folder: string;
const groups: number[] = [];
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "survivors-"))));
afterEach(() => {
  for (const group of groups.splice(0)) signalMembers(group, "SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

describe("what the last run left", () => {
  test("an engine that outlived kill -9 of the service is killed by the next start, and its row says so", async () => {
    const program = fileURLToPath(new URL("doomed-service.ts", import.meta.url));
    const service = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", program, folder], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = (await once(service.stdout, "data")) as [Buffer];
    const pid = Number(line.toString());
    groups.push(pid);
    service.kill("SIGKILL");
    await once(service, "exit");
    expect(groupMembers(pid)).toEqual([pid]);

    const world = createWorld({ folder, database: testDatabase(join(folder, "test.db")) });
    await world.pool.recover();
    expect(groupMembers(pid)).toEqual([]);
    expect(world.pool.list({ limit: 9 }).items).toEqual([
      expect.objectContaining({ state: "failed", pid: null, lastError: expect.objectContaining({ code: "internal" }) }),
    ]);
    await world.end();
  });

  test("a stranger that has the pid now is left alone", async () => {
    const pid = await sleeper();
    const world = createWorld({ folder });
    insert(world, { id: "s1", pid, processStartedAt: "another boot:1" });
    await world.pool.recover();
    expect(isAlive(pid)).toBe(true);
    expect(world.pool.get("s1")).toMatchObject({ state: "failed", pid: null });
    await world.end();
  });

  test("the same pid and start time are ours", async () => {
    const pid = await sleeper();
    const world = createWorld({ folder });
    insert(world, { id: "s1", pid, processStartedAt: processStart(pid) });
    await world.pool.recover();
    expect(groupMembers(pid)).toEqual([]);
    await world.end();
  });

  test.each([
    ["with the server's mark are killed", "s1", 0],
    ["of somebody else are left alone", "s2", 1],
  ])("members of a group without its leader %s", async (_title, mark, left) => {
    const leader = spawn("sh", ["-c", "sleep 600 & echo started"], {
      ...{ detached: true, stdio: ["ignore", "pipe", "ignore"] },
      env: { ...process.env, [serverMark]: mark },
    });
    const group = leader.pid ?? 0;
    groups.push(group);
    await once(leader, "exit");
    const world = createWorld({ folder });
    insert(world, { id: "s1", pid: group, processStartedAt: "boot:1" });
    await world.pool.recover();
    expect(groupMembers(group)).toHaveLength(left);
    await world.end();
  });

  test("a server that was being stopped counts as stopped", async () => {
    const world = createWorld({ folder });
    insert(world, { id: "s1", state: "stopping" });
    insert(world, { id: "s2", state: "ready", profileId: "p2" });
    await world.pool.recover();
    expect([world.pool.get("s1").state, world.pool.get("s2").state]).toEqual(["stopped", "failed"]);
    await world.end();
  });

  test("logs without a row go, and of each profile the last three servers stay", async () => {
    const world = createWorld({ folder });
    for (let number = 1; number <= 5; number += 1) {
      const createdAt = `2026-01-0${number}T00:00:00.000Z`;
      insert(world, { id: `s${number}`, state: "stopped", createdAt });
      writeFileSync(join(folder, `server-s${number}.log`), "text");
    }
    for (const name of ["server-unknown.log", "job-1.log", "server-.log.txt"])
      writeFileSync(join(folder, name), "text");
    await world.pool.recover();
    expect(world.pool.list({ limit: 9 }).items.map(({ id }) => id)).toEqual(["s5", "s4", "s3"]);
    const present = (name: string) => existsSync(join(folder, name));
    expect([1, 2, 3, 4, 5].map((number) => present(`server-s${number}.log`))).toEqual([false, false, true, true, true]);
    expect(["server-unknown.log", "job-1.log", "server-.log.txt"].map(present)).toEqual([false, true, true]);
    await world.end();
  });
});

async function sleeper(): Promise<number> {
  const child = spawn("sleep", ["600"], { detached: true, stdio: "ignore" });
  await once(child, "spawn");
  groups.push(child.pid ?? 0);
  return child.pid ?? 0;
}

function insert({ database }: ReturnType<typeof createWorld>, changes: Partial<ServerRow>): void {
  const fixed = { id: "s1", profileId: "p1", profile: "a/b", model: "a/b", revision: "r", engine: "mlx-lm" } as const;
  const id = changes.id ?? fixed.id;
  const row = newRow({ ...fixed, logFile: null }, systemClock);
  createServerStore(database).insert({ ...row, state: "ready", revision: id, ...changes });
}
