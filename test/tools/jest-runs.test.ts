import { execFile } from "node:child_process";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "@jest/globals";
import { jestRuns } from "./jest-runs.mjs";

const root = join(import.meta.dirname, "../..");
const jest = ["--experimental-vm-modules", join(root, "node_modules/jest/bin/jest.js"), "--listTests"];

/** What each of the two runs would run, by Jest itself. */
async function filesOf(...patterns: string[]): Promise<Record<string, string[]>> {
  const lists = jestRuns(root, patterns).map(async ({ name, parameters }) => {
    const { stdout } = await promisify(execFile)(process.execPath, [...jest, ...parameters], { cwd: root });
    const paths = stdout.split("\n").filter((line) => line !== "");
    return [name, paths.map((path) => relative(root, path)).sort()] as const;
  });
  return Object.fromEntries(await Promise.all(lists));
}

describe("npm test", () => {
  test.each<[string[], { parts: string[]; e2e: string[] }]>([
    [["stall-watch"], { parts: ["test/service/gateway/stall-watch.test.ts"], e2e: [] }],
    [["test/e2e/crash"], { parts: [], e2e: ["test/e2e/crash.test.ts"] }],
    [
      ["anthropic-client", "gateway/marks"],
      {
        parts: ["test/service/gateway/anthropic-client.test.ts", "test/service/gateway/marks.test.ts"],
        e2e: ["test/e2e/anthropic-client.test.ts"],
      },
    ],
    [["no-such-test"], { parts: [], e2e: [] }],
  ])("with %j runs what that names and nothing else", async (patterns, expected) => {
    expect(await filesOf(...patterns)).toEqual(expected);
  });

  test("without a pattern runs every test, and none twice", async () => {
    const { parts = [], e2e = [] } = await filesOf();
    expect(parts.filter((path) => path.startsWith("test/e2e/"))).toEqual([]);
    expect(e2e.filter((path) => !path.startsWith("test/e2e/"))).toEqual([]);
    expect([parts.includes("test/tools/jest-runs.test.ts"), e2e.includes("test/e2e/crash.test.ts")]).toEqual([
      true,
      true,
    ]);
  });
});
