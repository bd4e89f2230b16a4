import { spawn } from "node:child_process";
import { once } from "node:events";
import { get } from "node:http";
import { setTimeout as delay } from "node:timers/promises";

export interface Program {
  readonly processId: number;
  readonly startMs: number;
  end(): Promise<void>;
}

export interface ProgramOptions {
  readonly file: string;
  readonly words: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly healthUrl: string;
  readonly deadlineSeconds?: number;
}

/** Starts a program and waits until its health question is answered well. @throws with its last words when it ends before */
export async function startProgram(options: ProgramOptions): Promise<Program> {
  const { file, words, environment, healthUrl, deadlineSeconds = 120 } = options;
  const began = performance.now();
  const child = spawn(file, words, {
    env: { PATH: process.env["PATH"] ?? "", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const output of [child.stdout, child.stderr])
    output.on("data", (text: Buffer) => (said = (said + text.toString()).slice(-2000)));
  const ended = once(child, "close");
  for (let isUp = false; !isUp; isUp = await isHealthy(healthUrl)) {
    if (child.exitCode !== null) throw new Error(`${file} ended with ${child.exitCode}:\n${said}`);
    if (performance.now() - began > deadlineSeconds * 1000) {
      child.kill("SIGKILL");
      throw new Error(`${file} is not healthy after ${deadlineSeconds} s:\n${said}`);
    }
    await delay(5);
  }
  return {
    processId: child.pid ?? 0,
    startMs: performance.now() - began,
    async end() {
      child.kill("SIGTERM");
      const killer = setTimeout(() => child.kill("SIGKILL"), 10_000);
      await ended;
      clearTimeout(killer);
    },
  };
}

function isHealthy(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = get(url, { agent: false }, (response) => {
      response.resume();
      response.once("end", () => resolve(response.statusCode === 200));
    });
    asked.once("error", () => resolve(false));
  });
}
