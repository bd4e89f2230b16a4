import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Placement } from "../../../service/src/contract/profile-kinds.ts";
import type { ProfileView } from "../../../service/src/contract/profiles.ts";
import { startTestService } from "../../tools/compose-test.ts";
import type { TestService } from "../../tools/compose-test.ts";
import { runCommandLine } from "./command-line.ts";

const demo = "mlx-manager/demo";
const key = "sk-not-to-be-seen-anywhere";
let service: TestService;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "mlx-manager-cli-"));
  service = await startTestService();
});
afterAll(async () => {
  await service.close();
  rmSync(folder, { recursive: true, force: true });
});

const profiles = (words: readonly string[], input?: string) =>
  runCommandLine(["profiles", ...words], {
    environment: { MLX_MANAGER_HOME: service.home },
    ...(input === undefined ? {} : { input }),
  });

const here = { host: "127.0.0.1", ips: ["127.0.0.1"] };
function hostsFile(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

describe("a cluster on the command line", () => {
  test("is made from a host list, shown, previewed, and turned back into one process", async () => {
    const file = hostsFile("hosts.json", { hosts: [here, here], mode: "tensor", backend: "ring" });
    expect((await profiles(["create", "pair", "--model", demo, "--cluster", file])).output).toBe("Created pair.\n");
    expect((await profiles(["show", "pair"])).output).toMatch(/^cluster +tensor parallel over ring$/m);
    expect((await profiles(["list"])).output).toMatch(/^pair .*mlx-lm, cluster/m);
    const { code, output } = await profiles(["placement", "pair"]);
    expect([code, output]).toEqual([0, expect.stringContaining("It can be started: mlx-manager start pair")]);
    expect(output).toMatch(/^ +0 +127\.0\.0\.1 .* yes$/m);
    expect(output).toMatch(/^ +1 +127\.0\.0\.1 .* yes$/m);
    const back = (await profiles(["edit", "pair", "--here", "--json"])).json<ProfileView>();
    expect(back).toMatchObject({ kind: "process", cluster: null });
    const refused = await profiles(["placement", "pair"]);
    expect([refused.code, refused.errorOutput]).toEqual([2, expect.stringContaining("This profile is no cluster")]);
  });

  test("that cannot work says why and fails, also as JSON", async () => {
    const file = hostsFile("line.json", { hosts: [here, here], mode: "pipeline", backend: "ring" });
    await profiles(["create", "line", "--model", demo, "--cluster", file]);
    const shown = await profiles(["placement", "line", "--no-preflight"]);
    expect([shown.code, shown.errorOutput]).toEqual([1, expect.stringMatching(/cannot be split by pipeline/)]);
    const json = await profiles(["placement", "line", "--json"]);
    expect([json.code, json.json<Placement>().possible]).toEqual([1, false]);
  });

  test.each([
    ["no JSON", "{", /is no JSON/],
    ["no host list", { hosts: [here] }, /is no host list/],
  ])("refuses a file that is %s", async (_what, content, text) => {
    const refused = await profiles(["create", "bad", "--model", demo, "--cluster", hostsFile("bad.json", content)]);
    expect([refused.code, refused.errorOutput]).toEqual([2, expect.stringMatching(text)]);
  });
});

describe("a model elsewhere on the command line", () => {
  test("is made with a key from a pipe that is never shown, changed, and loses its key", async () => {
    const words = ["create", "cloud", "--remote", "https://api.example.com/v1", "--remote-model", "big"];
    const made = await profiles([...words, "--remote-key", "--json"], `${key}\n`);
    expect(made.json<ProfileView>().remote).toEqual({
      baseUrl: "https://api.example.com/v1",
      ...{ model: "big", hasKey: true },
    });
    const shown = await profiles(["show", "cloud"]);
    expect(shown.output).toMatch(/^remote +https:\/\/api\.example\.com\/v1$/m);
    expect(shown.output).toMatch(/^remote-key +stored$/m);
    expect(made.output + shown.output).not.toContain(key);
    const renamed = (await profiles(["edit", "cloud", "--remote-model", "bigger", "--json"])).json<ProfileView>();
    expect(renamed.remote).toMatchObject({ model: "bigger", hasKey: true });
    const bare = (await profiles(["edit", "cloud", "--no-remote-key", "--json"])).json<ProfileView>();
    expect(bare.remote).toMatchObject({ model: "bigger", hasKey: false });
  });

  test("without its address, its name there, or a key that is one, is a wrong command", async () => {
    for (const [words, input] of [
      [["create", "half", "--remote", "https://api.example.com/v1"]],
      [["create", "none"]],
      [["create", "key", "--remote", "https://api.example.com/v1", "--remote-model", "m", "--remote-key"], "a b"],
      [["create", "two", "--model", demo, "--cluster", "x.json", "--remote", "https://api.example.com/v1"]],
    ] as const)
      expect([words, (await profiles(words, input)).code]).toEqual([words, 2]);
  });
});
