import { describe, expect, test } from "@jest/globals";
import { textOf, trackedFiles } from "../tools/tracked-files.ts";

const isCode = (name: string) => /\.(ts|tsx|mjs|js|cjs|py)$/.test(name) && !name.endsWith(".d.ts");
const sources = trackedFiles("service", "scripts", "raycast", "bench").filter(isCode);
const tests = trackedFiles("test").filter(isCode);
const service = sources.filter((name) => name.startsWith("service/src/"));
const extension = sources.filter((name) => name.startsWith("raycast/src/"));
const isText = (name: string) => !/\.(png|safetensors|ico|gz|whl)$/.test(name);

const lineCount = (name: string) => textOf(name).split("\n").length - 1;
const linesWith = (names: readonly string[], pattern: RegExp) =>
  names.flatMap((name) =>
    textOf(name)
      .split("\n")
      .flatMap((line, index) => (pattern.test(line) ? [`${name}:${index + 1} ${line.trim().slice(0, 120)}`] : [])),
  );

test("there are files to look at", () => {
  expect(service.length).toBeGreaterThan(150);
  expect(extension.length).toBeGreaterThan(10);
  expect(tests.length).toBeGreaterThan(100);
});

describe("every file", () => {
  test("of source has at most 300 lines, and of a test at most 600", () => {
    expect(sources.filter((name) => lineCount(name) > 300)).toEqual([]);
    expect(tests.filter((name) => lineCount(name) > 600)).toEqual([]);
  });

  test("is named in kebab-case after what it holds", () => {
    const names = [...sources, ...tests]
      .filter((name) => /\.(ts|tsx|mjs)$/.test(name))
      .map((name) => [name, name.split("/").at(-1)]);
    expect(
      names.filter(([, file]) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.(test|bench|config))?\.(ts|tsx|mjs)$/.test(file ?? "")),
    ).toEqual([]);
    expect(names.filter(([, file]) => /^(utils?|helpers?|manager|types|common-utils|misc)\./.test(file ?? ""))).toEqual(
      [],
    );
  });

  test("speaks of no machine, no registry's host, and leaves no mark of unfinished work", () => {
    // Put together here, so that this file is none of those it looks for.
    const machine = new RegExp(["/wo" + "rk/", "/ro" + "ot/", "/opt/n" + "22"].join("|"));
    expect(linesWith(trackedFiles().filter(isText), machine)).toEqual([]);
    const hosts = new RegExp(
      ["registry\\.npm" + "js", "py" + "pi\\.org", "python" + "hosted", "deb\\.deb" + "ian"].join("|"),
    );
    // The one place where the product itself has to know the index that is asked when a person names none.
    const named = linesWith(trackedFiles().filter(isText), hosts);
    expect(
      named.filter((line) => !/^service\/src\/serving\/engines\/index-client\.ts:\d+ const publicIndex = /.test(line)),
    ).toEqual([]);
    const marks = new RegExp(["TO" + "DO", "FIX" + "ME", "X" + "XX"].map((mark) => `\\b${mark}\\b`).join("|"));
    expect(linesWith([...sources, ...tests], marks)).toEqual([]);
  });
});

describe("the service and the extension", () => {
  test("print nothing themselves, but for the command line (BUGFIX-05)", () => {
    const quiet = [...service.filter((name) => !name.startsWith("service/src/cli/")), ...extension];
    expect(linesWith(quiet, /\bconsole\./)).toEqual([]);
  });

  test("swallow no error in an empty catch (BUGFIX-01)", () => {
    const empty = [...sources, ...tests].filter((name) =>
      /catch\s*(\([^)]*\))?\s*\{\s*\}|\.catch\(\(\w*\) => \{\s*\}\)/.test(textOf(name)),
    );
    expect(empty).toEqual([]);
  });

  test("validate by the contract, never by an assertion (BUGFIX-03)", () => {
    expect(linesWith(service, /from "(node:)?assert/)).toEqual([]);
  });

  test("read the environment in one place", () => {
    const allowed = ["service/src/config.ts", "service/src/main.ts"];
    expect(
      linesWith(
        service.filter((name) => !allowed.includes(name)),
        /process\.env\b/,
      ),
    ).toEqual([]);
  });

  test("name what they export", () => {
    expect(linesWith(service, /^export (\*|default)/)).toEqual([]);
  });
});

test("no test is skipped, left for later, run alone or asleep", () => {
  const files = tests.filter((name) => /\.test\.tsx?$/.test(name));
  expect(linesWith(files, /\b(test|it|describe)\.(skip|only|todo)\b|\bx(test|it|describe)\(/)).toEqual([]);
  expect(linesWith(files, /jest\.(mock|unstable_mockModule|doMock)\(/)).toEqual([]);
});
