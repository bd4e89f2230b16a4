import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ApiKeyCreated } from "../../../service/src/contract/keys.ts";
import type { RequestEntry } from "../../../service/src/contract/requests.ts";
import { writeCachedModel } from "../../tools/cached-model.ts";
import { codingAgents } from "../../tools/coding-agents.ts";
import { serviceApi } from "../../tools/service-api.ts";
import { startServiceProcess } from "../../tools/service-process.ts";
import type { Agent, AgentSite } from "./agent-commands.ts";
import { startNoNetwork } from "./no-network.ts";
import { followRequestLog } from "./request-log.ts";
import { runProgram } from "./run-program.ts";
import type { ProgramEnd } from "./run-program.ts";

const service = fileURLToPath(new URL("../../fakes/fake-engine-service.ts", import.meta.url));
const masterKey = "the-master-key-of-these-tests";
const model = "own/coder";
/** Of a usual local model: the largest first prompt of an agent fits, and is near enough to be counted. */
const usualContext = 65_536;
/** Longer than any run on a slow machine: a run that hangs ends with what it printed. */
const deadlineMs = 240_000;

/** What is left of one run. */
export interface AgentRun {
  readonly end: ProgramEnd;
  /** The file that it was told to write; null when there is none. */
  readonly written: string | null;
  /** Its rows of the request log. */
  readonly rows: readonly RequestEntry[];
  /** What the engine was asked, turn by turn. */
  readonly turns: readonly Turn[];
  /** Other machines that it wanted to reach. */
  readonly outside: readonly string[];
}

export interface AgentBench {
  /** Lets an agent do its task: to write `text` to a file and to run a command over it. */
  run(agent: Agent, text: string): Promise<AgentRun>;
  close(): Promise<void>;
}

export interface Turn {
  readonly messages: readonly { readonly role: string; readonly tool_calls?: readonly ToolCall[] }[];
  readonly tools?: readonly unknown[];
}

interface ToolCall {
  readonly function: { readonly name: string };
}

export interface AgentBenchOptions {
  /** The engine dies once, in the middle of an answer. */
  readonly dies?: boolean;
  /** What the model holds. The agents are told the usual. */
  readonly contextTokens?: number;
}

/** The service behind its key as a process of its own, with the scripted engine, and homes for agents beside it. */
export async function startAgentBench({
  dies = false,
  contextTokens = usualContext,
}: AgentBenchOptions = {}): Promise<AgentBench> {
  const programs = await codingAgents();
  const folder = mkdtempSync(join(tmpdir(), "mlx-manager-agents-"));
  const home = join(folder, "service");
  const record = join(folder, "engine.ndjson");
  const death = dies ? { crashAfterTokens: 9, faultsOnce: join(folder, "died") } : {};
  const behaviour = { agentTask: true, reasoning: true, record, contextLength: contextTokens, ...death };
  await writeCachedModel(join(home, "hub"), model, behaviour, { max_position_embeddings: contextTokens });
  const environment = { MLX_MANAGER_API_KEY: masterKey };
  const started = await startServiceProcess({ home, environment, main: service });
  const api = serviceApi(started.address, { authorization: `Bearer ${masterKey}` });
  const log = await followRequestLog(started.address, masterKey);

  return {
    async run(agent, text) {
      const own = mkdtempSync(join(folder, "agent-"));
      const site = { home: own, project: join(own, "project"), address: started.address, model };
      for (const name of ["project", "tmp"]) mkdirSync(join(own, name));
      const name = `${agent.name} ${agent.path.replaceAll("/", ".")}`;
      const { id, key } = await api.send<ApiKeyCreated>("POST", "/api/keys", { name });
      const file = join(site.project, "line.txt");
      const prompt = `Write "${text}" to ${file}, then print it in capitals.`;
      const network = await startNoNetwork();
      try {
        const command = agent.command(programs, { ...site, key, contextTokens: usualContext }, prompt);
        const variables = { ...bareEnvironment(site), ...network.environment, ...command.environment };
        const signal = AbortSignal.timeout(deadlineMs);
        const end = await runProgram({ ...command, environment: variables }, site.project, signal);
        const asked = engineRequests(record, file);
        return {
          ...{ end, outside: network.asked, rows: await log.rowsOf(id, asked.length) },
          written: existsSync(file) ? readFileSync(file, "utf8") : null,
          turns: asked.filter(({ tools = [] }) => tools.length > 0),
        };
      } finally {
        await network.close();
      }
    },
    async close() {
      await started.kill("SIGTERM");
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Nothing of who runs the tests: no key, no setting, no home. */
function bareEnvironment({ home }: Pick<AgentSite, "home">): Record<string, string> {
  const path = [dirname(process.execPath), "/usr/local/bin", "/usr/bin", "/bin"].join(":");
  return { PATH: path, HOME: home, TMPDIR: join(home, "tmp"), LANG: "C.UTF-8" };
}

/** What the engine was asked about a file. */
function engineRequests(record: string, file: string): Turn[] {
  if (!existsSync(record)) return [];
  const lines = readFileSync(record, "utf8").split("\n");
  return lines.filter((line) => line.includes(file)).map((line) => (JSON.parse(line) as { body: Turn }).body);
}
