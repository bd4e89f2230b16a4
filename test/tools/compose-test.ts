import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compose } from "../../service/src/compose.ts";
import type { ComposeOptions, Service } from "../../service/src/compose.ts";
import { readConfig } from "../../service/src/config.ts";
import type { Config } from "../../service/src/config.ts";
import { createLog } from "../../service/src/platform/log.ts";
import { fakeEngines, fakeEngineCommand } from "./fake-engines.ts";

export interface TestServiceOptions {
  /** Added to the environment that the configuration is read from. */
  readonly environment?: Readonly<Record<string, string>>;
  /** `fake`: the fake engine's child processes through the real pool. `none`: as on a fresh machine. `real`: what the environment says. */
  readonly engine?: "fake" | "none" | "real";
  /** An existing data directory; kept at close. */
  readonly home?: string;
  readonly compose?: Partial<ComposeOptions>;
}

export interface TestService {
  readonly address: string;
  readonly home: string;
  readonly config: Config;
  readonly service: Service;
  /** The service's log lines, parsed. */
  readonly logged: Record<string, unknown>[];
  /** Asks the API and answers the parsed body; throws for a status of 400 and more unless told otherwise. */
  call(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<{ status: number; body: never }>;
  close(): Promise<void>;
}

/** The whole service in this process, in a temporary folder, on a free port. */
export async function startTestService(options: TestServiceOptions = {}): Promise<TestService> {
  const home = options.home ?? (await mkdtemp(join(tmpdir(), "mlx-manager-service-")));
  const config = readConfig({
    PATH: process.env["PATH"],
    HOME: home,
    MLX_MANAGER_HOME: home,
    MLX_MANAGER_PORT: "0",
    MLX_MANAGER_HF_CACHE_PATH: join(home, "hub"),
    HF_ENDPOINT: "http://127.0.0.1:9",
    ...options.environment,
  });
  const logged: Record<string, unknown>[] = [];
  const log = createLog({
    debug: true,
    destination: { write: (line) => void logged.push(JSON.parse(line) as Record<string, unknown>) },
  });
  const parts =
    options.engine === "fake" || options.engine === undefined
      ? { engines: fakeEngines(), engineCommand: fakeEngineCommand }
      : undefined;
  const service = await compose(config, {
    ...{ log, version: "0.0.0-test", installEngine: false, checkReplies: true },
    ...options.compose,
    parts: { ...parts, ...options.compose?.parts },
  });
  return {
    ...{ address: service.address, home, config, service, logged },
    async call(method, path, body, headers = {}) {
      const response = await fetch(`${service.address}${path}`, {
        method,
        headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, body: (text === "" ? undefined : JSON.parse(text)) as never };
    },
    async close() {
      await service.close({ hurry: Promise.resolve() });
      if (options.home === undefined) await rm(home, { recursive: true, force: true });
    },
  };
}
