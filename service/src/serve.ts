import { existsSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import pino from "pino";
import { ConfigError, readConfig } from "./config.ts";
import type { Config } from "./config.ts";
import { compose } from "./compose.ts";
import type { Service } from "./compose.ts";
import { AlreadyRunningError } from "./discovery.ts";
import { MigrationError } from "./platform/database/migrate.ts";
import { AppError, systemCode } from "./platform/errors.ts";
import { createLog } from "./platform/log.ts";
import type { Log } from "./platform/log.ts";
import { keepHeapSmall } from "./platform/small-heap.ts";
import { readVersion } from "./version.ts";

export interface ServeOptions {
  /** Installs the default engine when it is absent. */
  readonly installEngine: boolean;
  /** Writes one plain line for a person. */
  readonly say: (line: string) => void;
}

const exitCodes = { stopped: 0, failed: 1, alreadyRunning: 3, configuration: 4 } as const;
/** A signal that comes again so soon is the same wish. */
const repeatMs = 1000;
const serviceLogLimitBytes = 10 * 1024 * 1024;

/** Runs the service until a signal stops it. @returns the exit code. */
export async function serve(
  environment: Readonly<Record<string, string | undefined>>,
  options: ServeOptions,
): Promise<number> {
  let config: Config;
  try {
    config = readConfig(environment);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    options.say(`Cannot start: ${error.message}`);
    return exitCodes.configuration;
  }
  keepHeapSmall();
  const stop = untilStopped();
  try {
    const log = openServiceLog(config);
    const service = await compose(config, { log, installEngine: options.installEngine, version: readVersion() });
    options.say(`MLX Manager ${readVersion()} is ready at ${service.address}`);
    options.say(`Logs: ${join(config.logsPath, "service.log")}. Stop with Ctrl-C.`);
    const silence = announceEngine(service, options.say);
    const signal = await stop.first;
    silence();
    log.info({ signal }, "stopping");
    // A second signal skips the waiting: engines are stopped at once, rows are still written.
    await service.close({ hurry: stop.second });
    options.say("Stopped.");
    return exitCodes.stopped;
  } catch (error) {
    return explain(error, config, options.say);
  } finally {
    stop.release();
  }
}

function explain(error: unknown, config: Config, say: (line: string) => void): number {
  if (error instanceof AlreadyRunningError) {
    say(error.message);
    return exitCodes.alreadyRunning;
  }
  const reason = explainListening(error, config) ?? explainFolder(error, config);
  if (reason !== null) say(`Cannot start: ${reason}`);
  else if (error instanceof MigrationError || error instanceof AppError) say(`Cannot start: ${error.message}`);
  else throw error;
  return exitCodes.failed;
}

function explainListening(error: unknown, { host, port }: Config): string | null {
  const { syscall } = error as { syscall?: unknown };
  const code = systemCode(error);
  if (syscall !== "listen" && syscall !== "getaddrinfo") return null;
  if (code === "EADDRINUSE") {
    return `port ${port} of ${host} is taken by another program. Set MLX_MANAGER_PORT to a free one.`;
  }
  if (code === "EACCES") return `port ${port} is not allowed for this account. Set MLX_MANAGER_PORT to 1024 or more.`;
  return `${host} is not an address of this machine (${code ?? "unknown"}). Set MLX_MANAGER_HOST, or leave it out.`;
}

function explainFolder(error: unknown, { home }: Config): string | null {
  const code = systemCode(error);
  if (code === "ENOSPC") return `the disk of ${home} is full. Free some space and start again.`;
  if (!["EACCES", "EROFS", "EPERM", "ENOTDIR"].includes(code ?? "")) return null;
  return `${home} cannot be written (${code}). Set MLX_MANAGER_HOME to a folder of yours.`;
}

/** Tells the person at the terminal what the engine is doing, once per change. */
function announceEngine(service: Service, say: (line: string) => void): () => void {
  const [engine] = service.engines.list();
  if (engine?.state === "unsupported") say(`The engine cannot run here: ${engine.reason?.message ?? ""}`);
  if (engine?.state === "installed") announceReady(service, say);
  let phase = "";
  return service.events.listen((event) => {
    if (event.type === "job.progress" && event.data.kind === "engine-install" && event.data.phase !== phase) {
      phase = event.data.phase ?? "";
      say(`Engine ${event.data.subject}: ${phase}`);
    }
    if (event.type !== "job.changed" || event.data.kind !== "engine-install") return;
    if (event.data.state === "succeeded") announceReady(service, say);
    if (event.data.state === "failed")
      say(`Engine ${event.data.subject}: ${event.data.error?.message ?? "installation failed"}`);
  });
}

function announceReady({ address }: Service, say: (line: string) => void): void {
  say("Engine mlx-lm is installed. Try:");
  say(
    `  curl -N ${address}/v1/chat/completions -H 'content-type: application/json' -d '{"stream":true,"messages":[{"role":"user","content":"What is MLX Manager?"}]}'`,
  );
}

/** The service's own log, turned over at the start when it has grown large; one old file is kept. */
function openServiceLog(config: Config): Log {
  mkdirSync(config.logsPath, { recursive: true, mode: 0o700 });
  const path = join(config.logsPath, "service.log");
  if (existsSync(path) && statSync(path).size > serviceLogLimitBytes) {
    rmSync(`${path}.1`, { force: true });
    renameSync(path, `${path}.1`);
  }
  // Synchronous, so that the last lines before an end are on disk.
  return createLog({ debug: config.debug, destination: pino.destination({ dest: path, sync: true, mode: 0o600 }) });
}

/** SIGINT, SIGTERM and SIGHUP, the first and the second of them. */
function untilStopped() {
  const resolvers: ((signal: NodeJS.Signals) => void)[] = [];
  const next = () => new Promise<NodeJS.Signals>((resolve) => resolvers.push(resolve));
  const first = next();
  const second = next();
  let last: { signal: NodeJS.Signals; at: number } | null = null;
  const onSignal = (signal: NodeJS.Signals) => {
    // One Ctrl-C under npm arrives twice: from the terminal and from npm, which repeats it.
    const now = performance.now();
    const isRepeat = last !== null && last.signal === signal && now - last.at < repeatMs;
    last = { signal, at: now };
    if (!isRepeat) resolvers.shift()?.(signal);
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, onSignal);
  return {
    first,
    second,
    release: () => {
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}
