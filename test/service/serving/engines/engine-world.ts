import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { execFileSync } from "node:child_process";
import type { Engine } from "../../../../service/src/contract/engines.ts";
import type { Job } from "../../../../service/src/contract/jobs.ts";
import { createJobs } from "../../../../service/src/core/jobs/index.ts";
import type { Jobs } from "../../../../service/src/core/jobs/index.ts";
import { systemClock } from "../../../../service/src/platform/clock.ts";
import { createEvents } from "../../../../service/src/platform/events.ts";
import type { Events } from "../../../../service/src/platform/events.ts";
import { randomIds } from "../../../../service/src/platform/ids.ts";
import { createLog } from "../../../../service/src/platform/log.ts";
import { createEngines } from "../../../../service/src/serving/engines/index.ts";
import type { Engines } from "../../../../service/src/serving/engines/index.ts";
import { testDatabase } from "../database.ts";
import { tinyWheel } from "./tiny-wheel.ts";
import type { TinyWheel } from "./tiny-wheel.ts";

/** The engine in small: real packages of the real names, with nothing in them. */
export function engineWheels(version: string): TinyWheel[] {
  return [
    tinyWheel("mlx-lm", version, { "mlx_lm/__init__.py": "", "mlx_lm/server.py": "" }),
    tinyWheel("mlx", version, { "mlx/__init__.py": "", "mlx/core.py": "" }),
  ];
}

export interface Product {
  /** `service/engines` of a product that pins these wheels. */
  readonly enginesFolder: string;
  pin(wheels: readonly TinyWheel[]): void;
  /** What tooling.json says of uv on this machine. */
  pinUv(wheel: TinyWheel): void;
}

export function createProduct(folder: string): Product {
  const locks = path.join(folder, "mlx-lm", "locks");
  mkdirSync(locks, { recursive: true });
  // Never installed here; the product has them all the same.
  for (const engine of ["mlx-vlm", "mlx-openai-server"]) {
    const other = path.join(folder, engine, "locks");
    mkdirSync(other, { recursive: true });
    const pin = `${engine}==1.0.0 \\\n    --hash=sha256:${"0".repeat(64)}\n`;
    for (const name of ["macos-arm64", "linux-x86_64"]) writeFileSync(path.join(other, `${name}.txt`), pin);
  }
  const pinUv = (wheel: { version: string; file: string; sha256: string; bytes: Buffer }): void => {
    const entry = { file: wheel.file, sha256: wheel.sha256, size: wheel.bytes.length };
    const wheels = { "linux-x86_64": entry, "linux-aarch64": entry, "macos-arm64": entry, "macos-x86_64": entry };
    writeFileSync(path.join(folder, "tooling.json"), JSON.stringify({ uv: { version: wheel.version, wheels } }));
  };
  pinUv({ version: "0.0.1", file: "uv-0.0.1-none.whl", sha256: "0".repeat(64), bytes: Buffer.alloc(0) });
  return {
    enginesFolder: folder,
    pin(wheels) {
      const lines = wheels.map(
        ({ project, version, sha256 }) => `${project}==${version} \\\n    --hash=sha256:${sha256}`,
      );
      for (const name of ["macos-arm64", "linux-x86_64"]) {
        writeFileSync(path.join(locks, `${name}.txt`), `${lines.join("\n")}\n`);
      }
    },
    pinUv,
  };
}

export interface EngineWorld {
  readonly engines: Engines;
  readonly jobs: Jobs;
  readonly events: Events;
  /** Every state of the engine that was published. */
  readonly states: Engine["state"][];
  /** Whole lines of the service's log. */
  readonly logged: string[];
  jobLog(id: string): Promise<string>;
  install(): Promise<Job>;
  close(): Promise<void>;
}

export interface WorldOptions {
  readonly home: string;
  readonly product: Product;
  readonly environment: Readonly<Record<string, string>>;
  readonly enginesPath?: string;
  readonly offline?: boolean;
  readonly supported?: boolean;
  /** As Node names them; this machine's by default. */
  readonly platform?: string;
  readonly architecture?: string;
}

/** The slice with its real neighbours in a data directory; the same `home` again is the same service started again. */
export function openWorld(options: WorldOptions): EngineWorld {
  const { home, product, environment, offline = false, supported = true } = options;
  mkdirSync(home, { recursive: true });
  const database = testDatabase(path.join(home, "test.db"));
  const logged: string[] = [];
  const log = createLog({ debug: true, destination: { write: (line) => void logged.push(line) } });
  const clock = systemClock;
  const events = createEvents({
    ...{ clock, boot: "test" },
    onListenerError: (error) => logged.push(String(error)),
  });
  const common = { database, events, clock, ids: randomIds, log };
  const jobs = createJobs({ ...common, logFolder: path.join(home, "logs") });
  const engines = createEngines({
    ...{ ...common, jobs, offline },
    machine: { support: () => ({ supported, reason: supported ? null : "MLX does not run on this toaster." }) },
    place: { engines: product.enginesFolder },
    enginesPath: options.enginesPath ?? path.join(home, "engines"),
    childEnvironment: environment,
    ...(options.platform === undefined ? {} : { platform: options.platform }),
    ...(options.architecture === undefined ? {} : { architecture: options.architecture }),
  });
  const states: Engine["state"][] = [];
  events.listen((event) => void (event.type === "engine.changed" && states.push(event.data.state)));
  engines.recover();
  jobs.recover();
  return {
    ...{ engines, jobs, events, states, logged },
    async jobLog(id) {
      let text = "";
      const whole = { tail: 10_000, follow: false, signal: new AbortController().signal };
      for await (const chunk of jobs.log(id).read(whole)) text += chunk;
      return text;
    },
    install: () => jobs.finished(engines.install("mlx-lm").id),
    async close() {
      await jobs.close();
      await engines.close();
      events.close();
      database.close();
    },
  };
}

const realPython = execFileSync("python3", ["-c", "import sys; print(sys.executable)"], { encoding: "utf8" }).trim();

/** A folder for the PATH that holds these programs and nothing else. */
export function programs(folder: string, links: Readonly<Record<string, string>>): string {
  mkdirSync(folder, { recursive: true });
  for (const [name, target] of Object.entries(links)) symlinkSync(target, path.join(folder, name));
  return folder;
}

export function pythonPath(): string {
  return realPython;
}

export function temporary(): { folder: string; remove(): void } {
  const folder = mkdtempSync(path.join(tmpdir(), "mlx-manager-engines-"));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }) };
}
