import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, watch } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Duplex } from "node:stream";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("../../fakes/fake-engine.mjs", import.meta.url));

export interface EngineEntry {
  readonly type: string;
  readonly body?: Record<string, unknown>;
  readonly tokensSent?: number;
}

/** A real child that behaves as the launcher does, held by its control stream. */
export interface FakeEngine {
  readonly url: string;
  readonly token: string;
  readonly child: ChildProcess;
  entries(): EngineEntry[];
  /** The first entry of a type, now or when it is written. */
  entry(type: string): Promise<EngineEntry>;
  close(): Promise<void>;
}

export async function startFakeEngine(flags: Record<string, unknown>): Promise<FakeEngine> {
  const folder = mkdtempSync(join(tmpdir(), "mlx-manager-gateway-"));
  const record = join(folder, "record.ndjson");
  const child = spawn(process.execPath, [program, "--flags", JSON.stringify({ record, ...flags })], {
    detached: true,
    stdio: ["ignore", "ignore", "inherit", "pipe"],
  });
  const exited = once(child, "exit");
  const control = child.stdio[3] as Duplex;
  let token = "";
  const port = await new Promise<number>((resolve, reject) => {
    child.once("exit", () => reject(new Error("the fake engine ended before it was ready")));
    let listening = 0;
    createInterface({ input: control }).on("line", (line) => {
      const message = JSON.parse(line) as { type: string; token?: string; port?: number };
      if (message.type === "hello") token = message.token ?? "";
      if (message.type === "listening") listening = message.port ?? 0;
      if (message.type === "ready") resolve(listening);
    });
  });
  const entries = () => (existsSync(record) ? parseLines(readFileSync(record, "utf8")) : []);
  return {
    url: `http://127.0.0.1:${port}`,
    token,
    child,
    entries,
    entry: (type) =>
      new Promise((resolve) => {
        const watcher = watch(folder, look);
        function look() {
          const found = entries().find((entry) => entry.type === type);
          if (!found) return;
          watcher.close();
          resolve(found);
        }
        look();
      }),
    async close() {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
      await exited;
      control.destroy();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function parseLines(text: string): EngineEntry[] {
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  return whole
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as EngineEntry);
}
