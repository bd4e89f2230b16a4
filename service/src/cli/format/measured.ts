import type { Capability } from "../../contract/hub.ts";
import type { MeasuredCapabilities, Measurement } from "../../contract/measurements.ts";
import type { Model } from "../../contract/models.ts";
import type { Terminal } from "../terminal.ts";
import { formatMemory, unknown } from "./size.ts";
import { printFields, printTable } from "./table.ts";

type Name = keyof MeasuredCapabilities;

const names: readonly (readonly [name: Name, shown: string, declared: Capability | null])[] = [
  ["chat", "chat", "chat"],
  ["tools", "tools", "tools"],
  ["thinking", "thinking", "thinking"],
  ["structuredOutput", "structured output", null],
  ["vision", "vision", "vision"],
];

/** What a probe found, beside what the files declare. */
export function printMeasured(terminal: Terminal, { capabilities, measured }: Model): void {
  if (measured === null) return;
  const having = (verdict: MeasuredCapabilities[Name]): string =>
    names.flatMap(([name, shown]) => (measured.capabilities[name] === verdict ? [shown] : [])).join(", ");
  const broken = names.flatMap(([name, shown, declared]) =>
    declared !== null && capabilities.includes(declared) && measured.capabilities[name] === "no" ? [shown] : [],
  );
  const fields: [string, string][] = [
    [
      "Measured",
      `with ${measured.engine} ${measured.engineVersion}, ${measured.measuredAt.slice(0, 10)}${staleness(measured)}`,
    ],
    ["Does", having("yes") || unknown],
    ["Does not", having("no")],
    ["Not possible here", having("unsupported")],
    ["Declared only", broken.length === 0 ? "" : `${broken.join(", ")}: its files say so, the probe did not see it`],
    ["Tool calls", measured.toolFormat ?? ""],
    ["Writes", rate(measured.tokensPerSecond)],
    ["Reads", rate(measured.prefillTokensPerSecond)],
    ["Longest prompt", longest(measured)],
    ["Memory, loaded", formatMemory(measured.memory?.loadedBytes)],
  ];
  printFields(
    terminal,
    fields.filter(([, value]) => value !== ""),
  );
  const contexts = measured.memory?.contexts ?? [];
  if (contexts.length === 0) return;
  terminal.line("");
  printTable(
    terminal,
    [
      { title: "TOKENS", value: ({ tokens }) => String(tokens), align: "right" },
      { title: "MEMORY AT THE PEAK", value: ({ peakBytes }) => formatMemory(peakBytes), align: "right" },
    ],
    contexts,
  );
}

function staleness({ current }: Measurement): string {
  return current ? "" : "; its files or the engine have changed since: probe again";
}

function rate(tokensPerSecond: number | null): string {
  return tokensPerSecond === null ? "" : `${tokensPerSecond.toFixed(1)} tokens a second`;
}

const endings: Record<NonNullable<Measurement["longestPrompt"]>["endedBy"], string> = {
  model: "all that the model takes",
  setting: "the setting fitContextTokens allows no longer one",
  memory: "more does not fit in the memory",
  time: "a longer one would take too long to read",
  failure: "the next one was not answered",
};

function longest({ longestPrompt }: Measurement): string {
  return longestPrompt === null ? "" : `${longestPrompt.tokens} tokens; ${endings[longestPrompt.endedBy]}`;
}
