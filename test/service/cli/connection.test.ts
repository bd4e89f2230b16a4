import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { startTestService } from "../../tools/compose-test.ts";
import type { TestService } from "../../tools/compose-test.ts";
import { runCommandLine } from "./command-line.ts";

const key = "a-key-of-the-service";
let locked: TestService;
let empty: string;
beforeAll(async () => {
  locked = await startTestService({ environment: { MLX_MANAGER_API_KEY: key } });
  empty = await mkdtemp(join(tmpdir(), "mlx-manager-cli-"));
}, 120_000);
afterAll(async () => {
  await locked.close();
  await rm(empty, { recursive: true, force: true });
});

const elsewhere = (words: readonly string[], environment: Record<string, string> = {}, input = "") =>
  runCommandLine([...words, "--address", locked.address], {
    environment: { MLX_MANAGER_HOME: empty, ...environment },
    input,
  });

describe("finding the service", () => {
  test("the service's own file tells where it is, and its admin key opens it", async () => {
    expect(await runCommandLine(["ls"], { environment: { MLX_MANAGER_HOME: locked.home } })).toMatchObject({ code: 0 });
  });

  test("where none runs, the command that starts it is named, with a code of its own", async () => {
    const environment = { MLX_MANAGER_HOME: empty, MLX_MANAGER_PORT: "9" };
    const { code, errorOutput } = await runCommandLine(["ls"], { environment });
    expect({ code, errorOutput }).toEqual({
      code: 3,
      errorOutput:
        "Error: MLX Manager is not running at http://127.0.0.1:9. Start it in another terminal: mlx-manager serve\n",
    });
  });

  test("--address wins over the variables", async () => {
    expect(await elsewhere(["ls"], { MLX_MANAGER_PORT: "9", MLX_MANAGER_API_KEY: key })).toMatchObject({ code: 0 });
  });

  test("a wrong variable is a configuration error", async () => {
    const environment = { MLX_MANAGER_HOME: empty, MLX_MANAGER_HOST: "no host", MLX_MANAGER_PORT: "x" };
    expect(await runCommandLine(["ls"], { environment })).toMatchObject({ code: 4 });
    expect(await runCommandLine(["ls"], { environment: { MLX_MANAGER_HOME: "relative" } })).toMatchObject({ code: 4 });
  });
});

describe("AUTH-04: the key is asked for once and kept", () => {
  test("without a key the service refuses, and the advice names the command that stores one", async () => {
    const { code, errorOutput } = await elsewhere(["ls"]);
    expect({ code, errorOutput }).toEqual({ code: 6, errorOutput: expect.stringContaining("mlx-manager config key") });
  });

  test("config key stores it for this address alone, in a file that only its owner reads", async () => {
    expect(await elsewhere(["config", "key"], {}, `${key}\n`)).toMatchObject({ code: 0 });
    const path = join(empty, "cli.json");
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(path, "utf8"))).toEqual({ keys: { [locked.address]: key } });
    expect(await elsewhere(["ls"])).toMatchObject({ code: 0 });
  });

  test("a refused key of the environment is told as such and is never printed", async () => {
    const { code, output, errorOutput } = await elsewhere(["ls"], { MLX_MANAGER_API_KEY: "a-wrong-key-indeed" });
    expect({ code, errorOutput }).toEqual({ code: 6, errorOutput: expect.stringContaining("MLX_MANAGER_API_KEY") });
    expect(output + errorOutput).not.toContain("a-wrong-key-indeed");
  });

  test("config key --remove forgets it", async () => {
    expect(await elsewhere(["config", "key", "--remove"])).toMatchObject({ code: 0 });
    expect(await elsewhere(["ls"])).toMatchObject({ code: 6 });
  });
});

describe("serve", () => {
  test("passes the switch and prints each line; under --json as objects", async () => {
    const serve = ({ installEngine, say }: { installEngine: boolean; say: (line: string) => void }) => {
      say(`install ${installEngine}`);
      return Promise.resolve(3);
    };
    const environment = { MLX_MANAGER_HOME: empty };
    expect(await runCommandLine(["serve"], { environment, serve })).toMatchObject({
      code: 3,
      output: "install true\n",
    });
    expect(await runCommandLine(["serve", "--no-install", "--json"], { environment, serve })).toMatchObject({
      code: 3,
      output: '{"message":"install false"}\n',
    });
  });
});
