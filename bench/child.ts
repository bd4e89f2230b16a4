import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** Starts a program of ours and answers the first line it prints, as JSON. */
export async function startChild<Hello>(
  path: string,
  words: readonly string[],
): Promise<{ hello: Hello; child: ChildProcess; end(): Promise<void> }> {
  const file = fileURLToPath(new URL(path, import.meta.url));
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", file, ...words], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const hello = await new Promise<Hello>((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", (line) => resolve(JSON.parse(line) as Hello));
    void ended.then(() => reject(new Error(`${path} ended before it said hello`)));
  });
  return {
    hello,
    child,
    async end() {
      child.stdin.end();
      if (path.includes("fake-hub")) child.kill("SIGTERM");
      await ended;
    },
  };
}
