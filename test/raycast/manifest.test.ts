/**
 * Our own check of the extension's manifest and lock: Raycast publishes the true schema only on its site, which `ray lint`
 * asks where a network is. Rules from its manifest documentation and store guidelines.
 */
import { describe, expect, test } from "@jest/globals";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { extensionFolder } from "../fakes/raycast/extension-folder.ts";

const read = (name: string): unknown => JSON.parse(readFileSync(join(extensionFolder, name), "utf8"));

const CATEGORIES = [
  "Applications",
  "Communication",
  "Data",
  "Documentation",
  "Design Tools",
  "Developer Tools",
  "Finance",
  "Fun",
  "Media",
  "News",
  "Productivity",
  "Security",
  "System",
  "Web",
  "Other",
];

const SMALL_WORDS = new Set(["a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with"]);
const titleCase = z.string().min(2).refine(isTitleCase, "must be in Title Case");
const name = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/);
const icon = z.string().regex(/^[a-z0-9-]+\.png$/);

const preference = z.strictObject({
  name: z.string().regex(/^[a-z][A-Za-z0-9]*$/),
  title: titleCase,
  description: z.string().min(10),
  type: z.enum(["textfield", "password", "checkbox", "dropdown", "appPicker", "file", "directory"]),
  // A required preference would stand between the first launch and our own explanation of what is missing.
  required: z.literal(false),
  default: z.union([z.string(), z.boolean()]).optional(),
  placeholder: z.string().min(1),
});

const command = z.strictObject({
  name,
  title: titleCase,
  subtitle: z.literal("MLX Manager"),
  description: z.string().min(12),
  icon,
  mode: z.enum(["view", "no-view", "menu-bar"]),
  keywords: z.array(z.string()).min(1),
  arguments: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[a-z][A-Za-z0-9]*$/),
        type: z.enum(["text", "password", "dropdown"]),
        placeholder: z.string().min(1),
        required: z.boolean(),
      }),
    )
    .max(3)
    .optional(),
});

const manifestShape = z.strictObject({
  $schema: z.literal("https://www.raycast.com/schemas/extension.json"),
  name,
  title: titleCase,
  description: z.string().min(16).max(160),
  icon,
  author: name,
  platforms: z.tuple([z.literal("macOS")]),
  categories: z.array(z.enum(CATEGORIES)).min(1),
  keywords: z.array(z.string()).min(1),
  license: z.literal("MIT"),
  /** Only what Node 22 never asks for: anything else would be missing on the user's Mac. */
  external: z.tuple([z.literal("web-streams-polyfill")]),
  commands: z.array(command).min(1),
  preferences: z.array(preference),
  scripts: z.record(z.string(), z.string()),
  dependencies: z.record(z.string(), z.string()),
  devDependencies: z.record(z.string(), z.string()),
  engines: z.strictObject({ node: z.string() }),
});

const lockShape = z.object({
  name: z.string(),
  lockfileVersion: z.literal(3),
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      resolved: z.string().optional(),
      integrity: z.string().optional(),
      link: z.boolean().optional(),
      dependencies: z.record(z.string(), z.string()).optional(),
      devDependencies: z.record(z.string(), z.string()).optional(),
      optionalDependencies: z.record(z.string(), z.string()).optional(),
    }),
  ),
});

const manifest = manifestShape.parse(read("package.json"));
const lock = lockShape.parse(read("package-lock.json"));

describe("the manifest", () => {
  test("has the commands, preferences and the argument that the product promises", () => {
    expect(manifest.commands.map(({ title }) => title)).toEqual([
      "Search Models",
      "Models",
      "Downloads",
      "Ask Local Model",
    ]);
    expect(manifest.commands.every(({ mode }) => mode === "view")).toBe(true);
    expect(manifest.commands.at(-1)?.arguments).toMatchObject([{ name: "question", type: "text", required: false }]);
    expect(manifest.preferences).toMatchObject([
      { name: "serviceUrl", type: "textfield", default: "http://127.0.0.1:10242" },
      { name: "apiKey", type: "password" },
    ]);
  });

  test("every command has its source file, and no name is used twice", () => {
    for (const { name: file } of manifest.commands)
      expect(existsSync(join(extensionFolder, "src", `${file}.tsx`))).toBe(true);
    expect(new Set(manifest.commands.map((entry) => entry.name)).size).toBe(manifest.commands.length);
  });

  test("the build never writes outside the folder", () => {
    expect(manifest.scripts.build).toMatch(/^ray build -e dist -o \S+$/);
  });

  test("nothing is taken from outside the folder", () => {
    const versions = Object.values({ ...manifest.dependencies, ...manifest.devDependencies });
    expect(versions.filter((version) => !/^[\^~]?\d/.test(version))).toEqual([]);
  });
});

describe("icons", () => {
  const icons = [manifest.icon, ...manifest.commands.map((entry) => entry.icon)];

  test.each(icons)("%s is a 512x512 PNG, and so is its dark twin", (file) => {
    for (const variant of [file, file.replace(".png", "@dark.png")]) {
      const bytes = readFileSync(join(extensionFolder, "assets", variant));
      expect(bytes.subarray(1, 4).toString("latin1")).toBe("PNG");
      // IHDR is always the first chunk: width and height stand at bytes 16 and 20.
      expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20)]).toEqual([512, 512]);
    }
  });

  test("no icon lies there unused", () => {
    const used = new Set(icons.flatMap((file) => [file, file.replace(".png", "@dark.png")]));
    const sources = readSources(join(extensionFolder, "src"));
    const unused = readdirSync(join(extensionFolder, "assets")).filter(
      (file) => !used.has(file) && !sources.includes(file),
    );
    expect(unused).toEqual([]);
  });
});

describe("the lock", () => {
  test("is in step with package.json", () => {
    const root = lock.packages[""];
    expect(lock.name).toBe(manifest.name);
    expect(root?.dependencies).toEqual(manifest.dependencies);
    expect(root?.devDependencies).toEqual(manifest.devDependencies);
  });

  test("names no host, and every package carries its checksum", () => {
    const installed = Object.entries(lock.packages).filter(([path]) => path !== "");
    expect(installed.filter(([, entry]) => entry.resolved !== undefined).map(([path]) => path)).toEqual([]);
    expect(installed.filter(([, entry]) => !entry.integrity?.startsWith("sha512-")).map(([path]) => path)).toEqual([]);
  });

  test("has every optional binary, those of Apple silicon among them", () => {
    const paths = Object.keys(lock.packages);
    const wanted = Object.values(lock.packages).flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}));
    expect(wanted.filter((wish) => !paths.some((path) => path.endsWith(`node_modules/${wish}`)))).toEqual([]);
    expect(paths.filter((path) => path.includes("darwin-arm64")).length).toBeGreaterThan(0);
  });
});

describe("texts for the store", () => {
  test("the README says what is needed, how to set up, what is private and what helps", () => {
    const readme = readFileSync(join(extensionFolder, "README.md"), "utf8");
    for (const heading of ["Requirements", "Setup", "Privacy", "Troubleshooting"])
      expect(readme).toContain(`## ${heading}`);
    for (const { title } of manifest.commands) expect(readme).toContain(`**${title}**`);
  });

  test("the changelog's newest entry has a title and Raycast's date placeholder", () => {
    const changelog = readFileSync(join(extensionFolder, "CHANGELOG.md"), "utf8");
    expect(/^## .*$/m.exec(changelog)?.[0]).toMatch(/^## \[.+\] - (\{PR_MERGE_DATE\}|\d{4}-\d{2}-\d{2})$/);
  });
});

function isTitleCase(text: string): boolean {
  return text.split(" ").every((word, index) => /^[A-Z0-9]/.test(word) || (index > 0 && SMALL_WORDS.has(word)));
}

function readSources(folder: string): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8")).join("\n");
}
