import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { readAnswer } from "../../../../service/src/core/secrets/keychain-answer.ts";
import { createSecrets } from "../../../../service/src/core/secrets/index.ts";
import type { Secrets } from "../../../../service/src/core/secrets/index.ts";
import { failureOf, recordedLog } from "../../library/parts.ts";

const fakeSecurity = fileURLToPath(new URL("../../../fakes/fake-security.mjs", import.meta.url));
const value = 'hf_Very"Secret\\Value$1';
let folder: string;
let log: ReturnType<typeof recordedLog>;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mlx-manager-secrets-"));
  log = recordedLog();
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("in a file", () => {
  const path = () => join(folder, "secrets.json");
  const open = () => createSecrets({ secretsPath: path(), platform: "linux", log: log.log });
  const modeOf = () => statSync(path()).mode & 0o777;

  test("a secret is kept until it is removed, and the last one takes the file with it", async () => {
    const secrets = open();
    expect(await secrets.get("hub-token")).toBeNull();
    await secrets.set("hub-token", value);
    await secrets.set("other", "x");
    expect([await open().get("hub-token"), await open().get("other")]).toEqual([value, "x"]);
    await secrets.remove("hub-token");
    expect([await open().get("hub-token"), await open().get("other")]).toEqual([null, "x"]);
    await secrets.remove("hub-token");
    await secrets.remove("other");
    expect(readdirSync(folder)).toEqual([]);
  });

  test("only its owner can read it, also after it was opened to others", async () => {
    await open().set("hub-token", value);
    expect(modeOf()).toBe(0o600);
    chmodSync(path(), 0o644);
    expect(await open().get("hub-token")).toBe(value);
    expect(modeOf()).toBe(0o600);
    expect(log.text()).toContain("other accounts");
  });

  test("many changes at once all count, and leave no temporary file", async () => {
    const secrets = open();
    const names = Array.from({ length: 20 }, (_, index) => `name-${index}`);
    await Promise.all(names.map((name) => secrets.set(name, name)));
    expect(await Promise.all(names.map((name) => secrets.get(name)))).toEqual(names);
    expect(readdirSync(folder)).toEqual(["secrets.json"]);
  });

  test.each([
    ["{"],
    [`{"version":1,"secrets":{"hub-token":"${"x".repeat(10)}`],
    ['{"hub-token":"sesame"}'],
    ['{"version":2}'],
  ])("a damaged file %s is told without its content", async (text) => {
    writeFileSync(path(), text, { mode: 0o600 });
    const error = await open()
      .get("hub-token")
      .catch((caught: unknown) => caught as Error);
    expect(error).toMatchObject({ code: "internal", message: expect.stringContaining("secrets.json is damaged") });
    log.log.error({ error }, "shown");
    expect(log.text()).not.toMatch(/sesame|xxxxx/);
  });

  test("what is no single word, or no name, is refused", async () => {
    for (const wrong of ["", "two words", "line\nbreak", "ключ", "x".repeat(2049)])
      expect((await failureOf(open().set("hub-token", wrong))).code).toBe("invalid_request");
    expect((await failureOf(open().set("../name", "x"))).code).toBe("invalid_request");
    expect(existsSync(path())).toBe(false);
  });

  test("a folder that cannot be written to is told, and the next change counts again", async () => {
    const missing = createSecrets({
      secretsPath: join(folder, "absent", "secrets.json"),
      platform: "linux",
      log: log.log,
    });
    const failure = await failureOf(missing.set("hub-token", value));
    expect(failure).toMatchObject({ code: "internal", message: expect.not.stringContaining(value) });
    const secrets = open();
    await failureOf(secrets.set("hub-token", ""));
    await secrets.set("hub-token", "fine");
    expect(await secrets.get("hub-token")).toBe("fine");
  });
});

describe("in the Keychain", () => {
  const open = (path = "/Users/ada/.mlx-manager/secrets.json"): Secrets =>
    createSecrets({
      ...{ secretsPath: path, platform: "darwin" as const, log: log.log, securityProgram: fakeSecurity },
      childEnvironment: { PATH: dirname(process.execPath), FAKE_SECURITY_FOLDER: folder },
    });

  test("a secret is kept until it is removed; two data directories do not meet", async () => {
    const secrets = open();
    expect(await secrets.get("hub-token")).toBeNull();
    await secrets.set("hub-token", "first");
    await secrets.set("hub-token", value);
    expect(await secrets.get("hub-token")).toBe(value);
    expect(await open("/Users/ada/other/secrets.json").get("hub-token")).toBeNull();
    await secrets.remove("hub-token");
    await secrets.remove("hub-token");
    expect(await secrets.get("hub-token")).toBeNull();
  });

  test("the value is no argument and no variable of the program", async () => {
    await open().set("hub-token", value);
    await open().get("hub-token");
    const started = readFileSync(join(folder, "started.jsonl"), "utf8").trim().split("\n");
    expect(started.map((line) => (JSON.parse(line) as { words: string[] }).words)).toEqual([["-i"], ["-i"]]);
    const text = Buffer.from(value).toString("base64url");
    for (const secret of [value, text]) expect(started.join("")).not.toContain(secret);
  });

  test("a locked Keychain is told with what to do, for every kind of call", async () => {
    writeFileSync(join(folder, "locked"), "");
    const failures = await Promise.all([
      failureOf(open().get("hub-token")),
      failureOf(open().set("hub-token", value)),
      failureOf(open().remove("hub-token")),
    ]);
    for (const failure of failures)
      expect(failure).toMatchObject({
        code: "internal",
        message: expect.stringContaining("Unlock it"),
        details: { exitCode: 36 },
      });
  });

  test("a program that is not there is told too", async () => {
    const secrets = createSecrets({
      secretsPath: "/x",
      platform: "darwin",
      log: log.log,
      securityProgram: join(folder, "no"),
    });
    expect((await failureOf(secrets.get("hub-token"))).code).toBe("internal");
  });

  test.each([
    ["a value", { exitCode: 0, output: "aGZfYQ\n", errorOutput: "" }, { kind: "value", value: "hf_a" }],
    [
      "an item that is not there",
      {
        exitCode: 44,
        output: "",
        errorOutput: "security: SecKeychainSearchCopyNext: The specified item could not be found in the keychain.\n",
      },
      { kind: "absent" },
    ],
    [
      "the same, told on standard error alone",
      { exitCode: 0, output: "", errorOutput: "find-generic-password: returned 44\n" },
      { kind: "absent" },
    ],
    [
      "the same, as the whole code",
      { exitCode: 0, output: "", errorOutput: "find-generic-password: returned -25300\n" },
      { kind: "absent" },
    ],
    [
      "a session without a screen",
      {
        exitCode: 36,
        output: "",
        errorOutput: "security: SecKeychainItemCopyContent: User interaction is not allowed.\n",
      },
      { kind: "failed", exitCode: 36 },
    ],
    [
      "an item that was deleted",
      {
        exitCode: 0,
        output:
          'keychain: "/Users/ada/Library/Keychains/login.keychain-db"\nversion: 512\nclass: "genp"\nattributes:\n',
        errorOutput: "password has been deleted.\n",
      },
      { kind: "done" },
    ],
    ["nothing to say", { exitCode: 0, output: "", errorOutput: "" }, { kind: "done" }],
    [
      "a value that is none of ours",
      { exitCode: 0, output: "p@ss word\n", errorOutput: "" },
      { kind: "failed", exitCode: 0 },
    ],
    ["an end from outside", { exitCode: undefined, output: "", errorOutput: "" }, { kind: "failed", exitCode: null }],
  ] as const)("the answer of %s is understood", (_title, run, expected) => expect(readAnswer(run)).toEqual(expected));
});
