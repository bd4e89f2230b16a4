import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import { isFull } from "../../tools/counts.ts";
import { failures, openRows, runLlmprobe } from "../../tools/llmprobe.ts";
import type { ProbeReport } from "../../tools/llmprobe.ts";
import { startGateway } from "./gateway-bench.ts";
import type { GatewayBench } from "./gateway-bench.ts";

/** What a model that follows would say to the suite's questions; to all others it says the fake engine's one sentence. */
const replies = [
  { ask: "^Say exactly: (.*)", text: "$ask" },
  { ask: "Repeat this text exactly, nothing else: (.*)", text: "$ask" },
  { ask: "What is my name", told: "name is (\\w+)", text: "$told" },
  { ask: "", told: 'reply with exactly the word "(\\w+)"', text: "$told" },
  { ask: "is Par$", text: "is." },
  { ask: "capital of France", text: "Paris" },
  { ask: "12 \\+ 30", text: "42" },
  { ask: "17 \\* 3\\b", text: "51" },
  { ask: "Add 3", text: "7" },
];

const docs = readFileSync(new URL("../../../docs/conformance.md", import.meta.url), "utf8");
let bench: GatewayBench;
let report: ProbeReport;

beforeAll(async () => {
  bench = await startGateway({ flags: { obliging: true, reasoning: true, replies } });
  report = await runLlmprobe(bench.url, "mlx-manager/demo", isFull ? ["--full"] : []);
});
afterAll(() => bench.close());

describe("llmprobe", () => {
  test("finds every surface that the gateway has", () => {
    const supported = report.coverage.entries.flatMap(({ id, supported: isThere }) => (isThere ? [id] : []));
    expect(supported).toEqual(
      expect.arrayContaining(["models", "chat", "completions", "responses", "messages", "count-tokens", "embeddings"]),
    );
  });

  test("judges each of them, and finds nothing that must be otherwise", () => {
    expect(failures(report, "MUST")).toEqual([]);
    const { bySurface } = report.conformance;
    expect(bySurface.map(({ surface }) => surface).sort()).toEqual(
      ["chat", "completions", "count-tokens", "messages", "models", "responses"].sort(),
    );
    for (const { passed, total } of bySurface) expect(passed).toBe(total);
  });

  test("leaves open only the rows that the documentation gives a reason for", () => {
    const undocumented = openRows(report).filter((row) => !docs.includes(`\`${row.slice(0, row.indexOf(":"))}\``));
    expect(undocumented).toEqual([]);
    const warnings = failures(report, "SHOULD").filter((line) => !docs.includes(`\`${line.split(": ")[1] ?? ""}\``));
    expect(warnings).toEqual([]);
  });
});
