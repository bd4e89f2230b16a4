import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { systemClock } from "../../service/src/platform/clock.ts";
import { waitForChange } from "../../service/src/serving/engines/environment-lock.ts";
import { testCache } from "./engine-environment.ts";

const files = ["package.json", "package-lock.json"];
const clients = fileURLToPath(new URL("../clients", import.meta.url));

/** What each agent's package runs, without the scripts that an installation would run. */
export interface CodingAgents {
  readonly claude: string;
  readonly codex: string;
  readonly opencode: string;
  /** Two programs for Node. */
  readonly qwen: string;
  readonly pi: string;
}

/** The coding agents of `test/clients`, installed once per machine: 1.2 GB. */
export async function codingAgents(): Promise<CodingAgents> {
  const hash = createHash("sha256");
  for (const file of files) hash.update(readFileSync(join(clients, file)));
  const folder = join(testCache(), `agents-${hash.digest("hex").slice(0, 16)}`);
  const mark = join(folder, "complete");
  if (!existsSync(mark)) {
    const lock = await waitForChange(folder, systemClock, new AbortController().signal, () => undefined);
    try {
      if (!existsSync(mark)) await install(folder);
      writeFileSync(mark, "");
    } finally {
      lock.release();
    }
  }
  return programs(join(folder, "node_modules"));
}

async function install(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const file of files) copyFileSync(join(clients, file), join(folder, file));
  await npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"], folder);
  const packages = join(folder, "node_modules");
  if (existsSync(programs(packages).opencode)) return;
  // A system whose binary could not be locked (test/clients/lock.mjs): the version is exact all the same.
  const name = opencodePackage();
  const { version } = JSON.parse(readFileSync(join(packages, "opencode-ai/package.json"), "utf8")) as {
    version: string;
  };
  await npm(["install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-save", `${name}@${version}`], folder);
}

function programs(packages: string): CodingAgents {
  const system = `${process.platform}-${process.arch}`;
  const architecture = process.arch === "arm64" ? "aarch64" : "x86_64";
  const triple = `${architecture}-${process.platform === "darwin" ? "apple-darwin" : "unknown-linux-musl"}`;
  return {
    claude: join(packages, `@anthropic-ai/claude-code-${system}/claude`),
    codex: join(packages, `@openai/codex-${system}/vendor/${triple}/bin/codex`),
    opencode: join(packages, opencodePackage(), "bin/opencode"),
    qwen: join(packages, "@qwen-code/qwen-code/cli-entry.js"),
    pi: join(packages, "@earendil-works/pi-coding-agent/dist/bundle/cli.js"),
  };
}

function opencodePackage(): string {
  return `opencode-${process.platform}-${process.arch}`;
}

/** npm as the machine has it, without what an outer npm tells its children: it would lead the inner one back here. */
async function npm(words: readonly string[], folder: string): Promise<void> {
  const outer = /^npm_(lifecycle|package|config_local_prefix|config_prefix)/;
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !outer.test(name)));
  try {
    await promisify(execFile)("npm", words, { cwd: folder, env });
  } catch (error) {
    const said = String((error as { stderr?: unknown }).stderr ?? "");
    throw new Error(`The coding agents could not be installed for the tests:\n${said}`, { cause: error });
  }
}
