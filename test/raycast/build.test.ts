/** The extension as the store builds and checks it. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { extensionFolder } from "../fakes/raycast/extension-folder.ts";
import { rayLint } from "../tools/ray.ts";
import { buildExtension } from "../tools/raycast-bundle.ts";
import type { BuiltExtension } from "../tools/raycast-bundle.ts";

const LARGEST_BUNDLE = 150_000;
const SLOW = 180_000;

let built: BuiltExtension;
let commands: string[];

beforeAll(async () => {
  const manifest = JSON.parse(await readFile(join(extensionFolder, "package.json"), "utf8")) as {
    commands: { name: string }[];
  };
  commands = manifest.commands.map(({ name }) => name);
  built = await buildExtension();
}, SLOW);

afterAll(async () => {
  await built?.remove();
});

describe("ray build", () => {
  test("checks the types and makes one bundle per command of the manifest, and nothing else", () => {
    expect(built.output).toContain("checked TypeScript");
    expect(built.output).toContain("built extension successfully");
    expect([...built.sizes.keys()].sort()).toEqual([...commands].sort());
  });

  test("no bundle is larger than 150 kB", () => {
    const tooLarge = [...built.sizes].filter(([, size]) => size > LARGEST_BUNDLE);
    expect(tooLarge).toEqual([]);
  });

  test("every bundle loads with nothing but Raycast, React and Node around it", async () => {
    for (const command of commands) expect(typeof (await built.load(command))).toBe("function");
  });

  test("every icon the manifest names is in the build, light and dark", async () => {
    const assets = await readdir(join(built.folder, "assets"));
    for (const name of ["icon", ...commands])
      expect(assets).toEqual(expect.arrayContaining([`${name}.png`, `${name}@dark.png`]));
  });
});

test(
  "ray lint has nothing to say",
  async () => {
    const { exitCode, output } = await rayLint();
    expect({ exitCode, complaints: output.split("\n").filter((line) => /\b(warn|error)\b/i.test(line)) }).toEqual({
      exitCode: 0,
      complaints: [],
    });
  },
  SLOW,
);
