// The engine without us, as a person would start it, and the question every contender is asked.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { globSync } from "node:fs";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

export const demoModelPath = fileURLToPath(new URL("../../service/demo-model/model", import.meta.url));

/** The Python of the installed engine. */
export function enginePython(enginesPath: string): string {
  const [python] = globSync("mlx-lm/*/bin/python", { cwd: enginesPath });
  if (python === undefined) throw new Error(`There is no engine in ${enginesPath}.`);
  return join(enginesPath, python);
}

export interface ByHand {
  readonly url: string;
  stop(): Promise<void>;
}

/** `python -m mlx_lm server`, up to the moment its port answers; the model loads meanwhile. */
export async function startByHand(python: string, model: string): Promise<ByHand> {
  const port = await freePort();
  const words = ["-m", "mlx_lm", "server", "--model", model, "--host", "127.0.0.1", "--port", String(port)];
  const child = spawn(python, words, { stdio: "ignore" });
  const ended = once(child, "close");
  const url = `http://127.0.0.1:${port}`;
  while (!(await answers(`${url}/health`))) {
    if (child.exitCode !== null) throw new Error(`The engine ended with ${child.exitCode}.`);
    await delay(10);
  }
  return {
    url,
    async stop() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

/** Resolves with the first token of a stream, then leaves. */
export async function firstToken(url: string, model: string): Promise<void> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model, stream: true, max_tokens: 1, messages: [{ role: "user", content: "Hello" }] }),
  });
  if (!response.ok || response.body === null) throw new Error(`${response.status} ${await response.text()}`);
  let text = "";
  for await (const chunk of response.body) {
    text += Buffer.from(chunk).toString();
    if (/"content":\s*"[^"]/.test(text)) return;
  }
  throw new Error(`The stream ended without a token: ${text.slice(-300)}`);
}

/** A port that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("The system gave no port.");
  return address.port;
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}
