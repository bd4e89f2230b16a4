import { readFileSync, globSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "@jest/globals";
import { Validator } from "@seriousme/openapi-schema-validator";
import { findDrift } from "../../../scripts/generate.mjs";
import { ModelId, Revision, Slug, pageQuery } from "../../../service/src/contract/common.ts";
import { DownloadCreate } from "../../../service/src/contract/downloads.ts";
import { ErrorBody, errorCodes, errorStatus } from "../../../service/src/contract/error.ts";
import { EventQuery, eventSchemas, eventTopics, sampleTypes, topicOf } from "../../../service/src/contract/events.ts";
import { LogQuery } from "../../../service/src/contract/jobs.ts";
import { isOllamaPath } from "../../../service/src/contract/ollama.ts";
import { ChatRequest } from "../../../service/src/contract/openai.ts";
import { ProfileCreate, ProfilePatch } from "../../../service/src/contract/profiles.ts";
import { routes } from "../../../service/src/contract/routes.ts";
import type { Route } from "../../../service/src/contract/routes.ts";
import { createOpenApiDocument } from "../../../service/src/platform/http/openapi.ts";
import * as z from "zod";

const root = path.join(import.meta.dirname, "../../..");
const all = Object.entries(routes) as [string, Route][];

describe("the OpenAPI document", () => {
  test("and the extension's types are in step with the contract", async () => {
    expect(await findDrift()).toEqual([]);
  });

  test("is valid for a validator that is not ours", async () => {
    const document = JSON.parse(readFileSync(path.join(root, "service/openapi.json"), "utf8")) as Record<
      string,
      unknown
    >;
    const validator = new Validator();
    expect(await validator.validate(document)).toEqual({ valid: true });
    expect(validator.version).toBe("3.1");
  });

  test("holds every route once, with its id", () => {
    const { paths } = createOpenApiDocument("0") as { paths: Record<string, Record<string, { operationId: string }>> };
    const found = Object.values(paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    );
    expect(found.sort()).toEqual(Object.keys(routes).sort());
  });
});

describe("every route", () => {
  test.each(all)("%s says what it is", (_name, route) => {
    expect(route.summary).toMatch(/^[A-Z].{3,80}[^.]$/);
    expect(["free", "inference", "admin"]).toContain(route.auth);
    const isForModels = /^\/(v1|hub)\//.test(route.path) || isOllamaPath(route.path);
    expect(route.auth === "inference").toBe(isForModels && !["/api/pull", "/api/delete"].includes(route.path));
    expect(Boolean(route.reply)).toBe(route.stream === undefined);
    const named = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const described = route.params ? Object.keys((route.params as z.ZodObject).shape) : [];
    expect(described.sort()).toEqual(named.sort());
    expect(route.body !== undefined && route.method === "GET").toBe(false);
  });

  test("has a way of its own, and a slice that mounts it", () => {
    expect(new Set(all.map(([, { method, path: where }]) => `${method} ${where}`)).size).toBe(all.length);
    const sources = globSync("service/src/{core,library,serving,platform}/**/*.ts", { cwd: root }).map((file) => ({
      ...{ file, text: readFileSync(path.join(root, file), "utf8") },
    }));
    for (const [name, { slice }] of all) {
      if (slice === "gateway") continue;
      const mounting = sources.filter(({ text }) => new RegExp(`mount(Stream)?\\([^"]*"${name}"`).test(text));
      expect([name, mounting.map(({ file }) => path.basename(path.dirname(file)))]).toEqual([
        ...[name, [slice === "events" ? "http" : slice]],
      ]);
    }
  });

  test("is free only for health", () => {
    expect(all.filter(([, { auth }]) => auth === "free").map(([name]) => name)).toEqual(["getHealth"]);
  });
});

describe("error codes", () => {
  /** Named by the design for a later step: clients may know them already. */
  const notYetUsed: string[] = [];

  test("each have an HTTP status of an error", () => {
    for (const code of errorCodes)
      expect([400, 401, 403, 404, 405, 409, 413, 415, 429, 500, 502, 503, 504, 507]).toContain(errorStatus[code]);
  });

  test("each are used somewhere", () => {
    const text = globSync("service/src/**/*.ts", { cwd: root })
      .filter((file) => !file.endsWith("contract/error.ts"))
      .map((file) => readFileSync(path.join(root, file), "utf8"))
      .join("\n");
    expect(errorCodes.filter((code) => !text.includes(`"${code}"`))).toEqual(notYetUsed);
  });
});

describe("events", () => {
  test("each belong to a known topic, and a sample is of a type that there is", () => {
    for (const type of Object.keys(eventSchemas)) expect(eventTopics).toContain(topicOf[type as never]);
    for (const type of sampleTypes) expect(eventSchemas).toHaveProperty([type]);
  });

  test("are all asked for without a choice", () => {
    expect(EventQuery.parse({}).topics).toEqual(eventTopics);
    expect(EventQuery.parse({ topics: "jobs, models" }).topics).toEqual(["jobs", "models"]);
  });
});

describe("names", () => {
  test.each(["mlx-community/Qwen3-4B-4bit", "mlx-manager/demo", "_/gpt2", "a/b.c_d-e"])("%s is a model", (id) =>
    expect(ModelId.safeParse(id).success).toBe(true),
  );
  test.each([
    "",
    "a",
    "a/b/c",
    "../etc",
    "a/..",
    "a/b..c",
    "/a/b",
    "a/",
    "a b/c",
    "a/b--c",
    "-a/b",
    ".a/b",
    `a/${"b".repeat(97)}`,
    "a/b\n",
    "ä/b",
    "a\\b/c",
  ])("%j is no model", (id) => expect(ModelId.safeParse(id).success).toBe(false));
  test.each(["main", "refs/pr/1", "v1.0", "0123abc"])("%s is a revision", (text) =>
    expect(Revision.safeParse(text).success).toBe(true),
  );
  test.each(["", "../x", "a/../b", "/a", "-x", "a b", "a\n"])("%j is no revision", (text) =>
    expect(Revision.safeParse(text).success).toBe(false),
  );
  test.each(["coder", "a", "0.1_b-c"])("%s is a slug", (text) => expect(Slug.safeParse(text).success).toBe(true));
  test.each(["", "Coder", "a/b", "-a", "a".repeat(65), "a b"])("%j is no slug", (text) =>
    expect(Slug.safeParse(text).success).toBe(false),
  );
});

describe("example bodies", () => {
  test.each<[string, z.ZodType, unknown, boolean]>([
    ["a download", DownloadCreate, { model: "mlx-community/Qwen3-4B-4bit" }, true],
    ["a download of a revision", DownloadCreate, { model: "a/b", revision: "refs/pr/1", files: ["*.json"] }, true],
    ["a download without a model", DownloadCreate, {}, false],
    ["a download with a typing error", DownloadCreate, { model: "a/b", revison: "main" }, false],
    ["a profile", ProfileCreate, { slug: "coder", name: "Coder", model: "mlx-manager/demo" }, true],
    ["a profile with a wrong slug", ProfileCreate, { slug: "My Coder", name: "x", model: "a/b" }, false],
    ["an empty patch of a profile", ProfilePatch, {}, true],
    ["a chat", ChatRequest, { messages: [{ role: "user", content: "Hello" }] }, true],
    ["a chat with keys nobody knows", ChatRequest, { messages: [{ role: "user", content: "Hello" }], beta: 1 }, true],
    ["a chat without messages", ChatRequest, { model: "a/b" }, false],
    ["a log query", LogQuery, { follow: "true", tail: "5" }, true],
    ["a log query with a wrong switch", LogQuery, { follow: "maybe" }, false],
    ["an error", ErrorBody, { error: { code: "internal", message: "m", requestId: "r" } }, true],
    ["an error without a request id", ErrorBody, { error: { code: "internal", message: "m" } }, false],
  ])("%s", (_name, schema, value, fits) => expect(schema.safeParse(value).success).toBe(fits));

  test("a list gives 50 unless told, and never more than 200", () => {
    const query = z.strictObject(pageQuery);
    expect(query.parse({}).limit).toBe(50);
    for (const limit of ["0", "201", "x", "1.5"]) expect(query.safeParse({ limit }).success).toBe(false);
  });
});
