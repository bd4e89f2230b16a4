import { Option } from "commander";
import type { Command } from "commander";
import type { RequestEntry, RequestStats, StatsGroup } from "../../contract/requests.ts";
import { followEvents } from "../api/follow-events.ts";
import { exportLog } from "../export-log.ts";
import { interruptedError, usageError } from "../command-error.ts";
import { unknown } from "../format/size.ts";
import { printFields, printTable } from "../format/table.ts";
import { wholeNumber } from "../option-values.ts";
import type { Runtime } from "../runtime.ts";

interface Filter {
  readonly model?: string;
  readonly status?: number;
  readonly protocol?: string;
  readonly client?: string;
  readonly key?: string;
  readonly agent?: string;
  readonly session?: string;
  readonly subagent?: true;
  readonly route?: string;
  readonly since?: string;
  readonly until?: string;
  readonly errors?: true;
}

interface RequestsOptions extends Filter {
  readonly limit: number;
  readonly cursor?: string;
  readonly follow?: boolean;
  readonly stats?: boolean;
  readonly by: string;
  readonly export?: "jsonl" | "csv";
}

export function addRequests(program: Command, runtime: Runtime): void {
  program
    .command("requests")
    .description("what clients asked of the models: the log, its figures, or all of it")
    .argument("[id]", "one request, by the x-request-id of its answer")
    .option("--model <name>", "as it was asked for, or as it was resolved")
    .option("--status <code>", "status of the answer, for example 502", wholeNumber(100, 599))
    .option("--protocol <name>", "openai, anthropic or ollama")
    .option("--client <name>", "the program that asked")
    .option("--key <id>", "the named key it came with, by its id")
    .option("--agent <name>", "the coding agent, for example claude-code")
    .option("--session <id>", "one conversation of a client")
    .option("--subagent", "only what agents asked that others sent")
    .option("--route <reason>", "only what somebody else answered, for example prompt-too-long")
    .option("--since <time>", "a day (UTC) or a time, for example 2026-01-31")
    .option("--until <time>", "before a day or time")
    .option("--errors", "only what failed")
    .option("--limit <number>", "how many, at most 200", wholeNumber(1, 200), 20)
    .option("--cursor <cursor>", "the next page, as the last one told")
    .option("-f, --follow", "show requests as they end, until Ctrl-C")
    .option("--stats", "figures in place of the requests")
    .option(
      "--by <list>",
      "of model, day, client, agent, session, subagent, route, protocol, key; for --stats",
      "model",
    )
    .addOption(new Option("--export <format>", "all of it to standard output, oldest first").choices(["jsonl", "csv"]))
    .action(async (id: string | undefined, options: RequestsOptions) => {
      const { limit, cursor, follow, stats, by, export: format, ...filter } = options;
      if ([id !== undefined, follow, stats, format !== undefined].filter(Boolean).length > 1)
        throw usageError("Choose one of <id>, --follow, --stats and --export.");
      if (id !== undefined) return showRequest(runtime, id);
      if (format !== undefined) return exportLog(runtime, { ...filter, format });
      if (stats === true) return showStats(runtime, { ...filter, by });
      if (follow === true) return followRequests(runtime, filter);
      return listRequests(runtime, { ...filter, limit, cursor });
    });
}

type Query = Readonly<Record<string, string | number | boolean | undefined>>;

async function listRequests({ terminal, isJson, client }: Runtime, query: Query): Promise<void> {
  const page = await client().call("listRequests", { query });
  if (isJson()) return terminal.json(page);
  if (page.items.length === 0) return terminal.note("No such request is in the log.");
  printTable<RequestEntry>(
    terminal,
    [
      { title: "STARTED", value: ({ startedAt }) => timeOf(startedAt) },
      { title: "MODEL", value: ({ model, requestedModel }) => model ?? requestedModel ?? unknown, shrinks: true },
      { title: "CLIENT", value: ({ client: name }) => name ?? unknown },
      { title: "END", value: endOf },
      { title: "IN", value: ({ inputTokens }) => String(inputTokens ?? unknown), align: "right" },
      { title: "OUT", value: ({ outputTokens }) => String(outputTokens ?? unknown), align: "right" },
      { title: "WAIT", value: ({ waitMs }) => span(waitMs), align: "right" },
      { title: "FIRST", value: ({ firstTokenMs }) => span(firstTokenMs), align: "right" },
      { title: "TOOK", value: ({ durationMs }) => span(durationMs), align: "right" },
      { title: "TOK/S", value: ({ tokensPerSecond }) => tokensPerSecond?.toFixed(1) ?? unknown, align: "right" },
      { title: "ID", value: ({ id }) => id },
    ],
    page.items,
  );
  if (page.nextCursor !== null) terminal.note(`More: add --cursor ${page.nextCursor}`);
}

async function showRequest({ terminal, isJson, client }: Runtime, id: string): Promise<void> {
  const request = await client().call("getRequest", { params: { id } });
  if (isJson()) return terminal.json(request);
  const { bodies, droppedKeys, ...rest } = request;
  const fields = Object.entries({ ...rest, droppedKeys: droppedKeys.join(", ") });
  printFields(
    terminal,
    fields.flatMap(([name, value]) => (value === null || value === "" ? [] : [[name, String(value)] as const])),
  );
  if (bodies === null) return;
  if (bodies.truncated) terminal.note("The texts were too long to be kept whole.");
  terminal.line(`\n${terminal.styles.bold("Request")}\n${bodies.request ?? unknown}`);
  terminal.line(`\n${terminal.styles.bold("Answer")}\n${bodies.response ?? unknown}`);
}

async function showStats({ terminal, isJson, client }: Runtime, query: Query): Promise<void> {
  const stats = await client().call("getRequestStats", { query });
  if (isJson()) return terminal.json(stats);
  if (stats.groups.length === 0) return terminal.note("No such request is in the log.");
  const names = String(query["by"]).split(",");
  const groups = names.flatMap((text) => {
    const name = text.trim() as StatsGroup;
    const value = (row: Group) => String(row[name] ?? unknown);
    return text.trim() === "" ? [] : [{ title: name.toUpperCase(), value }];
  });
  printTable<Group>(
    terminal,
    [
      ...groups,
      // Of a conversation alone it tells something: whether it goes on.
      ...(names.includes("session") ? [{ title: "LAST", value: ({ lastAt }: Group) => timeOf(lastAt) }] : []),
      { title: "REQUESTS", value: ({ requests }) => String(requests), align: "right" },
      { title: "ERRORS", value: ({ errors }) => String(errors), align: "right" },
      { title: "LEFT", value: ({ left }) => String(left), align: "right" },
      { title: "IN", value: ({ inputTokens }) => String(inputTokens), align: "right" },
      { title: "OUT", value: ({ outputTokens }) => String(outputTokens), align: "right" },
      { title: "FIRST P50", value: ({ firstTokenMs }) => span(firstTokenMs.p50), align: "right" },
      { title: "P95", value: ({ firstTokenMs }) => span(firstTokenMs.p95), align: "right" },
      { title: "TOK/S", value: ({ tokensPerSecond }) => tokensPerSecond.p50?.toFixed(1) ?? unknown, align: "right" },
    ],
    stats.groups,
  );
  if (stats.truncated) terminal.note("There are more groups. Ask for a shorter time: --since, --until.");
}

type Group = RequestStats["groups"][number];

async function followRequests({ terminal, interrupts, isJson, client }: Runtime, filter: Filter): Promise<void> {
  const stop = new AbortController();
  const release = interrupts.listen(() => stop.abort());
  try {
    for await (const event of followEvents(client(), ["requests"], stop.signal)) {
      if (event.type !== "request.finished" || !isWanted(event.data, filter)) continue;
      if (isJson()) terminal.line(JSON.stringify(event.data));
      else terminal.line(followLine(event.data));
    }
  } finally {
    release();
  }
  throw interruptedError("");
}

function isWanted(entry: RequestEntry, { model, since, until, errors, ...exact }: Filter) {
  if (model !== undefined && entry.model !== model && entry.requestedModel !== model) return false;
  if (since !== undefined && Date.parse(entry.startedAt) < Date.parse(since)) return false;
  if (until !== undefined && Date.parse(entry.startedAt) >= Date.parse(until)) return false;
  if (errors === true && entry.errorCode === null) return false;
  const { key, ...fields } = { ...exact };
  if (key !== undefined && entry.keyId !== key) return false;
  return Object.entries(fields).every(
    ([name, asked]) => asked === undefined || entry[name as keyof RequestEntry] === asked,
  );
}

function followLine(entry: RequestEntry): string {
  const { startedAt, model, requestedModel, client, outputTokens, firstTokenMs, durationMs, tokensPerSecond } = entry;
  const rate = tokensPerSecond === null ? "" : `  ${tokensPerSecond.toFixed(1)} tok/s`;
  const tokens = `${outputTokens ?? unknown} tokens, first ${span(firstTokenMs)}, took ${span(durationMs)}${rate}`;
  return [timeOf(startedAt), model ?? requestedModel ?? unknown, client ?? unknown, endOf(entry), tokens].join("  ");
}

function endOf({ status, finishReason, errorCode, clientLeft }: RequestEntry): string {
  if (clientLeft) return "left";
  return errorCode === null ? (finishReason ?? String(status)) : `${status} ${errorCode}`;
}

/** In this machine's own time, as a person looks for it. */
function timeOf(time: string): string {
  const date = new Date(time);
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

function span(milliseconds: number | null): string {
  if (milliseconds === null) return unknown;
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}
