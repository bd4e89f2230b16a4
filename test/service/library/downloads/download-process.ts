/** The download slice in a child process, driven by lines. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Download } from "../../../../service/src/contract/downloads.ts";
import type { DownloadServiceCommand } from "../../../fakes/download-service.ts";

const program = fileURLToPath(new URL("../../../fakes/download-service.ts", import.meta.url));

export interface DownloadProcess {
  /** The latest state of each download that this process told of. */
  readonly states: Map<string, Download>;
  ask<Value>(verb: DownloadServiceCommand["do"], subject: string, bytes?: number): Promise<Value>;
  seen(fits: (download: Download) => boolean): Promise<Download>;
  /** Resolves when the process is gone. */
  kill(): Promise<void>;
  /** Ends it in order. */
  close(): Promise<void>;
}

export interface DownloadProcessOptions {
  readonly endpoint: string;
  readonly databasePath: string;
  readonly cachePath: string;
  readonly command?: (program: string, options: readonly string[]) => [string, string[]];
}

export async function startDownloadProcess(options: DownloadProcessOptions): Promise<DownloadProcess> {
  const { endpoint, databasePath, cachePath } = options;
  const plain = (file: string, rest: readonly string[]): [string, string[]] => [file, [...rest]];
  const parts = ["--disable-warning=ExperimentalWarning", program, endpoint, databasePath, cachePath];
  const [file, list] = (options.command ?? plain)(process.execPath, parts);
  const child = spawn(file, list, { stdio: ["pipe", "pipe", "pipe"] });
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  const states = new Map<string, Download>();
  const replies = new Map<number, PromiseWithResolvers<unknown>>();
  const watchers = new Set<(download: Download) => void>();
  const started = Promise.withResolvers<void>();
  let commands = 0;

  createInterface({ input: child.stdout }).on("line", (line) => {
    const told = JSON.parse(line) as Record<string, unknown>;
    if ("started" in told) started.resolve();
    if ("download" in told) {
      const download = told["download"] as Download;
      states.set(download.id, download);
      for (const watch of watchers) watch(download);
    }
    if ("reply" in told) {
      const reply = replies.get(told["reply"] as number);
      if ("error" in told) reply?.reject(new Error(String(told["error"])));
      else reply?.resolve(told["value"]);
    }
  });
  void gone.then(() => started.reject(new Error(`The download process did not start:\n${errors}`)));
  await started.promise;

  return {
    states,
    ask<Value>(verb: DownloadServiceCommand["do"], subject: string, bytes?: number) {
      commands += 1;
      const reply = Promise.withResolvers<unknown>();
      replies.set(commands, reply);
      child.stdin.write(`${JSON.stringify({ number: commands, do: verb, subject, bytes })}\n`);
      return reply.promise as Promise<Value>;
    },
    seen: (fits) =>
      new Promise((resolve, reject) => {
        const past = [...states.values()].find(fits);
        if (past) return resolve(past);
        const watch = (download: Download) => {
          if (!fits(download)) return;
          watchers.delete(watch);
          resolve(download);
        };
        watchers.add(watch);
        void gone.then(() => reject(new Error(`The download process ended early:\n${errors}`)));
      }),
    async kill() {
      child.kill("SIGKILL");
      await gone;
    },
    async close() {
      child.stdin.end();
      await gone;
    },
  };
}
