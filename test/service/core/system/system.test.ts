import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "@jest/globals";
import { SystemFacts } from "../../../../service/src/contract/system.ts";
import { createMachine, engineSupport } from "../../../../service/src/core/system/index.ts";
import * as linux from "../../../../service/src/core/system/linux-memory.ts";
import * as mac from "../../../../service/src/core/system/mac-memory.ts";
import { temporaryFolder } from "../../../tools/temporary-folder.ts";
import { coreWorld } from "../core-world.ts";

const sample = (name: string) =>
  readFileSync(path.join(import.meta.dirname, "../../../fixtures/system", `${name}.txt`), "utf8");
const GiB = 1024 ** 3;

describe("on Linux", () => {
  test("total and available memory come from meminfo", () => {
    expect(linux.parseMeminfo(sample("meminfo"))).toEqual({ totalBytes: 32_784_372 * 1024, availableBytes: 20 * GiB });
    expect(linux.parseMeminfo("")).toEqual({ totalBytes: 0, availableBytes: 0 });
  });

  test("a cgroup's folder, limit and reclaimable cache are read, and absent where there is none", () => {
    expect(linux.parseCgroupPath(sample("cgroup"))).toBe("/user.slice/user-1000.slice/session-2.scope");
    expect(linux.parseCgroupPath("0::/\n")).toBe("/");
    expect([linux.parseCgroupPath(sample("cgroup-hybrid")), linux.parseCgroupPath("")]).toEqual([null, null]);
    expect(linux.parseCgroupLimit("4294967296\n")).toBe(4 * GiB);
    expect([linux.parseCgroupLimit("max\n"), linux.parseCgroupLimit("")]).toEqual([null, null]);
    expect([linux.parseReclaimable(sample("memory-stat")), linux.parseReclaimable("")]).toEqual([5 * GiB, 0]);
  });

  test.each([
    ["pressure-normal", "normal"],
    ["pressure-warning", "warning"],
    ["pressure-critical", "critical"],
  ])("%s is %s", (name, level) => expect(linux.parsePressure(sample(name))).toBe(level));

  test("no pressure file is no pressure known", () => expect(linux.parsePressure("")).toBeNull());
});

describe("on macOS", () => {
  test("memory that can be had without swapping comes from vm_stat", () => {
    expect(mac.parseVmStat(sample("vm-stat"))).toBe(16_384 * (12_345 + 498_765 + 2_345 + 6_789));
    expect(mac.parseVmStat("vm_stat: not found")).toBeNull();
  });

  test.each([
    ["1\n", "normal"],
    ["2\n", "warning"],
    ["4\n", "critical"],
    ["", null],
    ["3", null],
  ])("pressure level %j is %s", (text, level) => expect(mac.parsePressure(text)).toBe(level));

  test("the GPU may wire two thirds, above 36 GB three quarters, or what a person set", () => {
    expect(mac.wiredLimit(24 * GiB, 0)).toBe(16 * GiB);
    expect(mac.wiredLimit(36 * GiB, 0)).toBe(24 * GiB);
    expect(mac.wiredLimit(48 * GiB, 0)).toBe(36 * GiB);
    expect(mac.wiredLimit(64 * GiB, 0)).toBe(48 * GiB);
    expect(mac.wiredLimit(64 * GiB, 57_344)).toBe(56 * GiB);
    expect(mac.wiredLimit(16 * GiB, 999_999)).toBe(16 * GiB);
  });
});

test.each([
  ["darwin", "arm64", "23.0.0", null],
  ["darwin", "arm64", "25.1.0", null],
  ["darwin", "arm64", "22.6.0", "MLX needs macOS 14 or newer."],
  ["darwin", "x64", "23.0.0", "MLX needs a Mac with Apple silicon."],
  ["linux", "x64", "6.1.0", null],
  ["linux", "arm64", "6.1.0", "On Linux the engine is installed for x86-64 only."],
  ["win32", "x64", "10", "MLX runs on macOS with Apple silicon and on Linux x86-64."],
])("on %s %s %s the engine is refused for: %s", (platform, architecture, release, reason) =>
  expect(engineSupport(platform, architecture, release)).toEqual({ supported: reason === null, reason }),
);

describe("this machine", () => {
  const folder = temporaryFolder();

  test("tells facts as the contract has them, also when the cache folder does not exist yet", async () => {
    const machine = createMachine({ log: coreWorld().log, diskPath: folder.in("not", "yet", "there") });
    const facts = await machine.facts();
    expect(SystemFacts.parse(facts)).toEqual(facts);
    expect(facts.disk?.totalBytes).toBeGreaterThan(0);
    expect(facts.memory.limitBytes).toBeLessThanOrEqual(facts.memory.totalBytes);
    expect(facts.memory.availableBytes).toBeLessThanOrEqual(facts.memory.totalBytes);
    expect(facts.memory.availableBytes).toBeGreaterThan(0);
    expect(facts.engineSupport).toEqual(machine.support());
    expect(machine.memory().totalBytes).toBe(facts.memory.totalBytes);
  });
});
