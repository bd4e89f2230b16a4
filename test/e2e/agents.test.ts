import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { isFull } from "../tools/counts.ts";
import { textOf } from "../tools/tracked-files.ts";
import { startAgentBench } from "./agents/agent-bench.ts";
import type { AgentBench, AgentRun, Turn } from "./agents/agent-bench.ts";
import { otherForms, usualAgents } from "./agents/agent-commands.ts";
import type { Agent } from "./agents/agent-commands.ts";

const agents = isFull ? [...usualAgents, ...otherForms] : usualAgents;
const manifest = JSON.parse(textOf("test/clients/package.json")) as { dependencies: Record<string, string> };
const lineOf = ({ name, path }: Agent) => `${name} wrote this over ${path}`;

let bench: AgentBench;
const runs = new Map<Agent, Promise<AgentRun>>();
beforeAll(async () => {
  bench = await startAgentBench();
  // Five at a time: each has a home and a key of its own, and the service is made for several.
  agents.forEach((agent, index) => {
    const before = agents[index - usualAgents.length];
    const turn = Promise.allSettled(before === undefined ? [] : [runs.get(before)]);
    const run = turn.then(() => bench.run(agent, lineOf(agent)));
    // Whatever it is, its own test tells it.
    run.catch(() => undefined);
    runs.set(agent, run);
  });
}, 600_000);
afterAll(() => bench.close());

describe("a coding agent in a home of its own, without a network, on the scripted engine", () => {
  test.each(agents.map((agent) => ({ ...agent, version: manifest.dependencies[agent.package], agent })))(
    "$name $version writes a file, runs a command over it and tells the outcome over $path",
    async ({ agent }) => {
      const run = await runs.get(agent);
      expect(run?.end).toMatchObject({ code: 0 });
      expect(agent.answer(run?.end.printed ?? "")).toContain(lineOf(agent).toUpperCase());
      expect(run?.written).toBe(`${lineOf(agent)}\n`);
      const turns = run?.turns ?? [];
      const again = agent.losesOutput ? turns.length - 3 : 0;
      const [writer, runner] = agent.tools;
      expect(toolsOf(turns.at(-1))).toEqual([writer, runner, runner, ...Array<string>(again).fill(runner)]);
      expect(turns).toHaveLength(3 + again);
      expectToGoOn(turns);

      // No request failed, and none was made twice.
      const { path, client } = agent;
      const protocol = path === "/v1/messages" ? "anthropic" : "openai";
      const good = { path, protocol, client, status: 200, errorCode: null, clientLeft: false, streamed: true };
      const calls = turns.slice(1).map(() => "tool-calls");
      const ends = ["stop", ...(agent.asksTitle ? ["stop"] : []), ...calls];
      expect(run?.rows.map((row) => row.finishReason).toSorted()).toEqual(ends);
      expect(run?.rows).toEqual(ends.map(() => expect.objectContaining(good)));
      // One of them looks for a package of its own in any case.
      expect(run?.outside.filter((host) => !(agent.name === "OpenCode" && /^registry\./.test(host)))).toEqual([]);
    },
    300_000,
  );
});

describe("a coding agent whose engine dies in the middle of an answer", () => {
  // All five know how to go on; pi is the one that needs the right words for it.
  test.each(usualAgents.filter(({ name }) => isFull || name === "pi"))(
    "$name asks again and ends its task, on the engine that was started anew",
    async (agent) => {
      const dying = await startAgentBench({ dies: true });
      try {
        const run = await dying.run(agent, lineOf(agent));
        expect(agent.answer(run.end.printed)).toContain(lineOf(agent).toUpperCase());
        expect(run).toMatchObject({ end: { code: 0 }, written: `${lineOf(agent)}\n` });
        const failed = run.rows.filter((row) => row.errorCode !== null);
        expect(failed).toMatchObject([{ status: 502, errorCode: "engine_failed", errorSource: "engine" }]);
      } finally {
        await dying.close();
      }
    },
    300_000,
  );
});

describe("a coding agent whose conversation is longer than the model's context", () => {
  const told: Readonly<Record<string, RegExp>> = {
    "Claude Code": /Prompt is too long · the request is ~\d+ tokens \(limit 256\)/,
    Codex: /ran out of room in the model's context window/,
    OpenCode: /ContextOverflowError/,
    "Qwen Code": /maximum context length is 256 tokens/,
    pi: /maximum context length is 256 tokens/,
  };
  let small: AgentBench;
  beforeAll(async () => void (small = await startAgentBench({ contextTokens: 256 })), 60_000);
  afterAll(() => small.close());

  test.each(usualAgents.filter(({ name }) => isFull || name === "Codex"))(
    "$name knows it for what it is, and tells so in its own words",
    async (agent) => {
      const { end, rows } = await small.run(agent, lineOf(agent));
      expect(`${end.printed}${end.complained}`).toMatch(told[agent.name]!);
      const refused = rows.filter((row) => row.errorCode !== null);
      for (const row of refused) expect(row).toMatchObject({ status: 400, errorCode: "context_overflow" });
      // What cannot be is tried no more often than the agent shortens its conversation.
      expect(refused.length).toBeLessThanOrEqual(3);
    },
    300_000,
  );
});

function toolsOf(turn: Turn | undefined): string[] {
  const calls = turn?.messages.flatMap((message) => message.tool_calls ?? []) ?? [];
  return calls.map((call) => call.function.name);
}

/** An engine knows of a prompt what it has read before: each turn begins with all of the turn before, byte for byte. */
function expectToGoOn(turns: readonly Turn[]): void {
  turns.slice(1).forEach((turn, index) => {
    const before = turns[index]!;
    expect(JSON.stringify(turn.tools)).toBe(JSON.stringify(before.tools));
    expect(JSON.stringify(turn.messages.slice(0, before.messages.length))).toBe(JSON.stringify(before.messages));
  });
}
