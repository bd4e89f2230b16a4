import { accessSync, constants, existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { apiVersion } from "../../contract/system.ts";
import type { System } from "../../contract/system.ts";
import { CommandError } from "../command-error.ts";
import { formatDuration } from "../format/duration.ts";
import { formatBytes, formatMemory } from "../format/size.ts";
import type { Runtime } from "../runtime.ts";
import { fail, ok, skipped, warn } from "./check.ts";
import type { Check, Finding } from "./check.ts";

export interface Examination {
  /** Null where the service did not answer. */
  readonly system: System | null;
  readonly checks: readonly Check[];
}

type Run = (name: string, look: () => Promise<Finding> | Finding) => Promise<Check>;

const gigabyte = 1024 ** 3;

/** What can be seen in a second or two without changing anything. */
export async function runQuickChecks(runtime: Runtime, run: Run): Promise<Examination> {
  const { client, version, home } = runtime;
  const checks: Check[] = [];
  const add = async (name: string, look: () => Promise<Finding> | Finding): Promise<Check> => {
    const check = await run(name, look);
    checks.push(check);
    return check;
  };
  await add("Node", checkNode);
  await add("data directory", () => checkDataDirectory(home()));
  await add("logs", () => checkLogs(join(home(), "logs")));
  const service = await add("service", () => checkService(runtime, version));
  if (service.status === "fail") return { system: null, checks };

  const facts: { system: System | null } = { system: null };
  await add("machine", async () => {
    facts.system = await client().call("getSystem", {});
    return checkMachine(facts.system);
  });
  const { system } = facts;
  if (system === null) return { system, checks };
  await add("memory", () => checkMemory(system));
  await add("disk", () => checkDisk(system));
  await add("database", async () => {
    const { database } = await client().call("getHealth", {});
    return database === "ok"
      ? ok("answers")
      : fail("does not answer", "Stop the service, check the disk, and start it again: mlx-manager serve");
  });
  await add("engine", () => checkEngine(runtime));
  await add("Hub", () => checkHub(runtime, system));
  await add("default model", () => checkDefaultModel(runtime));
  await add("servers", () => checkServers(runtime));
  return { system, checks };
}

function checkNode(): Finding {
  const [major = 0] = process.versions.node.split(".").map(Number);
  if (major === 22) return ok(process.versions.node);
  return warn(
    `${process.versions.node}, with one of its compilers off`,
    "Use Node 22 (22.22.2 or newer) for full speed.",
  );
}

function checkDataDirectory(home: string): Finding {
  if (!existsSync(home)) return warn("not there yet", "It is made at the first start: mlx-manager serve");
  try {
    accessSync(home, constants.R_OK | constants.W_OK);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? "unknown";
    return fail(`cannot be written (${reason})`, "Set MLX_MANAGER_HOME to a folder of yours.");
  }
  const mode = statSync(home).mode & 0o777;
  if ((mode & 0o077) !== 0) return warn(`others may look into it (mode ${mode.toString(8)})`, `chmod 700 "${home}"`);
  return ok("writable, private");
}

function checkLogs(folder: string): Finding {
  if (!existsSync(folder)) return ok("none yet");
  const sizes = readdirSync(folder).map((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0);
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  const text = `${sizes.length} files, ${formatBytes(bytes)}`;
  return bytes > 500e6 ? warn(text, "Old logs go at the next start of the service.") : ok(text);
}

async function checkService({ client, connection }: Runtime, version: string): Promise<Finding> {
  const health = await client()
    .call("getHealth", {})
    .catch((error: unknown) => {
      if (error instanceof CommandError && error.code === "not_running") return null;
      throw error;
    });
  if (health === null) return fail("not running", "Start it in another terminal: mlx-manager serve");
  if (health.apiVersion !== apiVersion) {
    return fail(
      `speaks version ${health.apiVersion} of the API, this program ${apiVersion}`,
      "Update the older of the two.",
    );
  }
  const where = /^http:\/\/(127\.|localhost|\[::1\])/.test(connection().address) ? "this machine" : "another machine";
  const text = `${health.version} on ${where}, ${health.status}, up ${formatDuration(health.uptimeSeconds)}${health.authRequired ? ", locked" : ""}`;
  if (health.status !== "ok") return fail(text, "Restart it: mlx-manager serve");
  return health.version === version ? ok(text) : warn(`${text}; this program is ${version}`, "Restart the service.");
}

function checkMachine({ platform, architecture, operatingSystem, chip, engineSupport }: System): Finding {
  const text = `${operatingSystem} (${platform} ${architecture}), ${chip}`;
  if (engineSupport.supported) return ok(text);
  return fail(`${text}: ${engineSupport.reason ?? "no engine"}`, "Use a Mac with Apple silicon or Linux on x86-64.");
}

function checkMemory({ memory: { totalBytes, limitBytes, availableBytes, pressure } }: System): Finding {
  const text = `${formatMemory(totalBytes)}, ${formatMemory(limitBytes)} for models, ${formatMemory(availableBytes)} free${pressure === null ? "" : `, pressure ${pressure}`}`;
  const isShort = availableBytes < 2 * gigabyte || pressure === "critical";
  return isShort ? warn(text, "Close other programs or stop servers: mlx-manager ps") : ok(text);
}

function checkDisk({ disk }: System): Finding {
  if (disk === null) return warn("not known", "Check that the model folder's disk is there.");
  const text = `${formatBytes(disk.freeBytes)} of ${formatBytes(disk.totalBytes)} free`;
  const advice = "Free space, or delete models: mlx-manager ls, mlx-manager rm <model>";
  if (disk.freeBytes < 1e9) return fail(text, advice);
  return disk.freeBytes < 10e9 ? warn(text, advice) : ok(text);
}

async function checkEngine({ client }: Runtime): Promise<Finding> {
  const { items } = await client().call("listEngines", {});
  const [engine] = items;
  if (!engine) return fail("none", "Install MLX Manager again.");
  const { id, state, version, availableVersion, reason } = engine;
  if (state === "absent") return warn(`${id} is not installed`, `mlx-manager engines install ${id}`);
  if (state === "installing" || state === "updating") return warn(`${id} is ${state}`, "Wait: mlx-manager engines");
  if (state !== "installed")
    return fail(`${id} is ${state}: ${reason?.message ?? ""}`, `mlx-manager engines install ${id}`);
  if (version !== availableVersion)
    return warn(`${id} ${version ?? ""}; ${availableVersion} is out`, `mlx-manager engines update ${id}`);
  return ok(`${id} ${version}`);
}

async function checkHub({ client }: Runtime, { offline }: System): Promise<Finding> {
  if (offline) return skipped("offline");
  const advice = "Check network, proxy and HF_ENDPOINT. What is here keeps working.";
  try {
    const { problem } = await client().call("searchHub", { query: { limit: 1 } });
    if (problem !== null) return warn(`${problem.message} (${problem.code})`, advice);
    const token = await client().call("getHubToken", {});
    // Nothing is wrong with a token that a mirror cannot check.
    if (token.problem?.code === "token_invalid") return warn(token.problem.message, "mlx-manager token set");
    return ok(token.name === null ? "answers" : `answers; token of ${token.name}`);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return warn(`${error.message} (${error.code})`, advice);
  }
}

async function checkDefaultModel({ client }: Runtime): Promise<Finding> {
  const { items } = await client().call("listModels", { query: { limit: 200 } });
  const found = items.find(({ isDefault }) => isDefault);
  if (!found) return warn("none", "Download one: mlx-manager search, mlx-manager pull <model>");
  if (found.demo) return warn(`${found.id} (only the demo)`, "Download a real one: mlx-manager search");
  if (found.fit.fits === false)
    return warn(`${found.id} does not fit into memory`, "mlx-manager config set defaultModel <model>");
  return ok(found.id);
}

async function checkServers({ client }: Runtime): Promise<Finding> {
  const { items } = await client().call("listServers", { query: { limit: 200, running: true } });
  const troubled = items.find(({ state }) => state === "unhealthy" || state === "restarting" || state === "failed");
  if (troubled) {
    const text = `${troubled.profile} is ${troubled.state}: ${troubled.lastError?.message ?? ""}`;
    return fail(text, `mlx-manager logs ${troubled.id}`);
  }
  return ok(items.length === 0 ? "none runs" : `${items.length} running`);
}
