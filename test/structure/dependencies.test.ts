import { existsSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "@jest/globals";
import { root, textOf } from "../tools/tracked-files.ts";

interface Package {
  readonly version?: string;
  readonly resolved?: string;
  readonly link?: boolean;
  readonly integrity?: string;
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
  readonly optionalDependencies?: Record<string, string>;
}
type Lock = { readonly packages: Record<string, Package> };

const read = <Shape>(name: string) => JSON.parse(textOf(name)) as Shape;

/** Where Node would find `name` from a package of the lock: the nearest folder upward that has it. */
function find(lock: Lock, from: string, name: string): Package | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/node_modules/")))) {
    const entry = lock.packages[folder === "" ? `node_modules/${name}` : `${folder}/node_modules/${name}`];
    if (entry !== undefined || folder === "") return entry;
    if (!folder.includes("/node_modules/")) folder = "/node_modules/";
  }
}

describe.each([
  ["package-lock.json", ["package.json", "service/package.json"]],
  ["raycast/package-lock.json", ["raycast/package.json"]],
  ["test/clients/package-lock.json", ["test/clients/package.json"]],
])("%s", (file, manifests) => {
  const lock = read<Lock>(file);
  const entries = Object.entries(lock.packages);

  test("has an entry for every optional dependency that is named, so that `npm ci` passes on every machine", () => {
    const missing = entries.flatMap(([from, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies)
        .filter((name) => !find(lock, from, name))
        .map((name) => `${from}: ${name}`),
    );
    expect(missing).toEqual([]);
  });

  test("has the binaries of Apple silicon beside those of Linux", () => {
    for (const platform of ["darwin-arm64", "linux-x64"]) {
      expect(entries.some(([name]) => name.endsWith(`node_modules/@esbuild/${platform}`))).toBe(true);
    }
  });

  test("names no registry: an entry has a checksum and no address", () => {
    const addressed = entries.filter(([, { link, resolved }]) => resolved !== undefined && link !== true);
    expect(addressed.map(([name]) => name)).toEqual([]);
    const unsealed = entries.filter(
      ([name, { integrity, link }]) => name.includes("node_modules/") && integrity === undefined && link !== true,
    );
    expect(unsealed.map(([name]) => name)).toEqual([]);
  });

  test("is in step with its manifests", () => {
    for (const manifest of manifests) {
      const { dependencies, devDependencies } = read<Package>(manifest);
      const key = manifest === "service/package.json" ? "service" : "";
      expect([manifest, lock.packages[key]?.dependencies, lock.packages[key]?.devDependencies]).toEqual([
        ...[manifest, dependencies, devDependencies],
      ]);
    }
  });
});

const manifests = ["package.json", "service/package.json", "raycast/package.json", "test/clients/package.json"];

describe("docs/dependencies.md", () => {
  const rows = textOf("docs/dependencies.md")
    .split("\n")
    .filter((line) => line.startsWith("| `"));

  test.each(manifests)("names every dependency of %s with its version and why", (manifest) => {
    const { dependencies = {}, devDependencies = {} } = read<Package>(manifest);
    const missing = Object.entries({ ...dependencies, ...devDependencies }).filter(
      ([name, version]) => !rows.some((row) => row.startsWith(`| \`${name}\` | ${version.replace(/^npm:/, "")} |`)),
    );
    expect(missing).toEqual([]);
  });

  test("names nothing that is not there", () => {
    const named = manifests.flatMap((manifest) => {
      const { dependencies = {}, devDependencies = {} } = read<Package>(manifest);
      return Object.keys({ ...dependencies, ...devDependencies });
    });
    expect(rows.map((row) => /^\| `([^`]+)`/.exec(row)?.[1]).filter((name) => !named.includes(name ?? ""))).toEqual([]);
    for (const row of rows)
      expect(
        row
          .split("|")
          .map((cell) => cell.trim())
          .slice(1, -1)
          .every((cell) => cell !== ""),
      ).toBe(true);
  });
});

describe("docs/requirements.md", () => {
  const ids = [
    ...["MODELS-01", "MODELS-02", "MODELS-03", "SERVER-01", "SERVER-02", "SERVER-03", "AUTH-01", "AUTH-02", "AUTH-03"],
    ...["AUTH-04", "BUGFIX-01", "BUGFIX-02", "BUGFIX-03", "BUGFIX-04", "BUGFIX-05", "CHAT-01", "CHAT-02", "CHAT-03"],
    ...["CHAT-04", "DISC-01", "DISC-02", "DISC-03"],
    ...Array.from({ length: 20 }, (_, index) => `R${index + 1}`),
  ];
  const rows = textOf("docs/requirements.md")
    .split("\n")
    .filter((line) => /^\| [A-Z]+-?\d+ \|/.test(line));

  test("lists every requirement once, with its test or the issue that owes it", () => {
    expect(rows.map((row) => row.split("|")[1]?.trim())).toEqual(ids);
    for (const row of rows) expect(row).toMatch(/`test\/|issue \d|later/);
  });

  test("names only tests that there are", () => {
    const named = rows.flatMap((row) => [...row.matchAll(/`(test\/[^`]+)`/g)].map(([, name]) => name ?? ""));
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((name) => !existsSync(path.join(root, name)))).toEqual([]);
  });
});
