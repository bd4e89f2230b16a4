import { StringDecoder } from "node:string_decoder";
import type { Readable } from "node:stream";
import { Option } from "commander";
import type { Command } from "commander";
import { logLevels } from "../../contract/servers.ts";
import type { LogLevel } from "../../contract/servers.ts";
import type { Client } from "../api/client.ts";
import { everyPage } from "../api/every-page.ts";
import { errorOfTransport } from "../api/failures.ts";
import { interruptedError, notFoundError, usageError } from "../command-error.ts";
import { wholeNumber } from "../option-values.ts";
import type { Runtime } from "../runtime.ts";

interface LogsOptions {
  readonly follow?: boolean;
  readonly tail: number;
  readonly level?: LogLevel;
}

export function addLogs(program: Command, runtime: Runtime): void {
  program
    .command("logs")
    .description("show the log of a server or a job")
    .argument("<name>", "a model, a profile, an engine, or the id of a server or job")
    .option("-f, --follow", "go on until it ends, or Ctrl-C")
    .option("--tail <lines>", "how many lines from the end", wholeNumber(0, 10_000), 200)
    .addOption(new Option("--level <level>", "only lines of this level and above; of servers").choices(logLevels))
    .action(async (name: string, { follow, tail, level }: LogsOptions) => {
      const { terminal, interrupts, isJson, client } = runtime;
      const stop = new AbortController();
      const release = interrupts.listen(() => stop.abort());
      const query = { tail, follow: follow === true };
      try {
        const source = await findLog(client(), name);
        if (level !== undefined && source.route !== "getServerLogs")
          throw usageError("Only the logs of servers have levels. Leave --level out.");
        const options = { params: { id: source.id }, query: { ...query, ...definite(level) }, signal: stop.signal };
        const body = await client().open(source.route, options);
        for await (const text of readText(body)) {
          if (!isJson()) terminal.write(text);
          else for (const line of text.split("\n").slice(0, -1)) terminal.line(JSON.stringify({ line }));
        }
      } catch (error) {
        if (stop.signal.aborted) throw interruptedError("");
        throw errorOfTransport(error, client().connection, stop.signal);
      } finally {
        release();
      }
    });
}

function definite(level: LogLevel | undefined): { level?: LogLevel } {
  return level === undefined ? {} : { level };
}

/** The newest server or job that the name means. */
async function findLog(api: Client, name: string): Promise<{ route: "getServerLogs" | "getJobLogs"; id: string }> {
  const [servers, jobs] = await Promise.all([
    everyPage((query) => api.call("listServers", { query })),
    everyPage((query) => api.call("listJobs", { query })),
  ]);
  const server =
    servers.items.find(({ id }) => id === name) ??
    servers.items.find(({ profile }) => profile === name) ??
    servers.items.find(({ model }) => model === name);
  if (server) return { route: "getServerLogs", id: server.id };
  const job = jobs.items.find(({ id, subject }) => id === name || subject === name);
  if (job) return { route: "getJobLogs", id: job.id };
  throw notFoundError(`There is no log of "${name}". See what ran: mlx-manager ps --all`);
}

/** Whole lines, so that a letter of several bytes is never cut; the last one gets its end. */
async function* readText(body: Readable): AsyncGenerator<string> {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  for await (const chunk of body) {
    rest += decoder.write(chunk as Buffer);
    const end = rest.lastIndexOf("\n") + 1;
    if (end > 0) yield rest.slice(0, end);
    rest = rest.slice(end);
  }
  rest += decoder.end();
  if (rest !== "") yield `${rest}\n`;
}
