import { cpSync, globSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "@jest/globals";
import { execa } from "execa";
import { temporaryFolder } from "../tools/temporary-folder.ts";

const root = path.join(import.meta.dirname, "../..");
/** Far fewer than there are; a checker that sees nothing calls nothing wrong. */
const leastModules = 150;

const check = (cwd: string) => execa(process.execPath, ["scripts/import-rules.mjs"], { cwd, reject: false, all: true });

describe("the directions of imports", () => {
  const folder = temporaryFolder();

  /** The service's sources and the checker alone, so that a violation can be planted. */
  function copy(): string {
    for (const name of [
      "service/src",
      "service/package.json",
      "scripts/import-rules.mjs",
      ".dependency-cruiser.cjs",
      "tsconfig.json",
      "package.json",
    ])
      cpSync(path.join(root, name), folder.in(name), { recursive: true });
    symlinkSync(path.join(root, "node_modules"), folder.in("node_modules"));
    return folder.in();
  }

  test("are kept by every module of the service", async () => {
    const { all, exitCode } = await check(root);
    const expected = globSync("service/src/**/*.ts", { cwd: root }).length;
    expect(expected).toBeGreaterThan(leastModules);
    expect([exitCode, all]).toEqual([0, `${expected} modules, no violation.`]);
  });

  test("a planted violation of each kind is found", async () => {
    const planted = {
      "platform/planted.ts":
        'import { createJobs } from "../core/jobs/index.ts";\nexport const planted = createJobs;\n',
      "library/hub/planted.ts":
        'import { createModels } from "../models/index.ts";\nexport const planted = createModels;\n',
      "library/search/planted.ts":
        'import { createStore } from "../models/store.ts";\nexport const planted = createStore;\n',
      "core/settings/planted.ts": 'import Database from "better-sqlite3";\nexport const planted = Database;\n',
      "core/jobs/planted.ts": 'import express from "express";\nexport const planted = express;\n',
      "contract/planted.ts": 'import { undiciFetch } from "undici";\nexport const planted = undiciFetch;\n',
      "contract/circle.ts": 'import { other } from "./other-circle.ts";\nexport const circle = () => other;\n',
      "contract/other-circle.ts": 'import { circle } from "./circle.ts";\nexport const other = () => circle;\n',
    };
    const cwd = copy();
    for (const [name, text] of Object.entries(planted)) writeFileSync(path.join(cwd, "service/src", name), text);
    const { all, exitCode } = await check(cwd);
    expect(exitCode).toBe(1);
    const found = (rule: string, file: string) =>
      all?.split("\n").some((line) => line.startsWith(`${rule}: service/src/${file}`));
    expect({
      floor: found("floor-platform", "platform/planted.ts"),
      slice: found("slice-library-hub", "library/hub/planted.ts"),
      door: found("door-library-models", "library/search/planted.ts"),
      sql: found("sql-in-stores", "core/settings/planted.ts"),
      express: found("express-at-the-edge", "core/jobs/planted.ts"),
      contract: found("contract-is-zod-alone", "contract/planted.ts"),
      cycle: found("no-cycles", "contract/circle.ts"),
    }).toEqual({ floor: true, slice: true, door: true, sql: true, express: true, contract: true, cycle: true });
  });
});
