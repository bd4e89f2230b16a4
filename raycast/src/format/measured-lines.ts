import type { Fit, Measurement, Model } from "../api/schemas.ts";
import { fitLook } from "../palette.ts";
import { formatMemory, UNKNOWN } from "./bytes.ts";
import { formatContextLength } from "./context-length.ts";
import { fitBasis } from "./fit-basis.ts";
import { formatRelativeTime } from "./relative-time.ts";
import { formatTokenSpeed } from "./speed.ts";

interface Line {
  title: string;
  text: string;
}

type Ability = keyof Measurement["capabilities"];

const ABILITIES: readonly { key: Ability; name: string }[] = [
  { key: "chat", name: "chat" },
  { key: "tools", name: "tools" },
  { key: "thinking", name: "thinking" },
  { key: "structuredOutput", name: "structured output" },
  { key: "vision", name: "vision" },
];

/** What a probe saw, each line marked as measured; one that says how to measure where none did. */
export function measuredLines({ capabilities, measured }: Pick<Model, "capabilities" | "measured">, now: Date): Line[] {
  if (measured === null) return [{ title: "Measured", text: "Not yet: Probe Model runs it once" }];
  const having = (verdict: string) => ABILITIES.filter(({ key }) => measured.capabilities[key] === verdict);
  const names = (abilities: typeof ABILITIES) => abilities.map(({ name }) => name).join(", ");
  const declaredOnly = having("no").filter(({ key }) => (capabilities as readonly string[]).includes(key));
  const { engine, engineVersion, measuredAt, current, longestPrompt, memory } = measured;
  const age = `${formatRelativeTime(measuredAt, now)} with ${engine} ${engineVersion}`;
  const lines = [
    { title: "Measured", text: current ? age : `${age}. Files or engine have changed since: probe again` },
    { title: "Does (Measured)", text: names(having("yes")) },
    { title: "Does Not (Measured)", text: names(having("no")) },
    { title: "Not Possible Here", text: names(having("unsupported")) },
    { title: "Declared Only", text: names(declaredOnly) },
    { title: "Tool Calls (Measured)", text: measured.toolFormat ?? "" },
    { title: "Writes (Measured)", text: formatTokenSpeed(measured.tokensPerSecond) },
    { title: "Reads (Measured)", text: formatTokenSpeed(measured.prefillTokensPerSecond) },
    { title: "Longest Prompt (Measured)", text: longestPrompt === null ? "" : longestText(longestPrompt) },
    { title: "Memory Loaded (Measured)", text: memory === null ? "" : formatMemory(memory.loadedBytes) },
    ...(memory?.contexts ?? []).map(({ tokens, peakBytes }) => ({
      title: `Memory at ${formatContextLength(tokens)} (Measured)`,
      text: formatMemory(peakBytes),
    })),
  ];
  return lines.filter(({ text }) => text !== "");
}

function longestText({ tokens, endedBy }: NonNullable<Measurement["longestPrompt"]>): string {
  const ends: Record<string, string> = {
    model: "all the model takes",
    setting: "no longer one is allowed by the setting fitContextTokens",
    memory: "more does not fit in memory",
    time: "a longer one takes too long",
    failure: "the next was not answered",
  };
  return `${formatContextLength(tokens)}, ${ends[endedBy] ?? endedBy}`;
}

/** Memory by context, what was measured between what is predicted; an empty text when nothing is known. */
export function memoryTable(fits: readonly Fit[], measured: Measurement | null): string {
  const basis = measured?.current === false ? "measured before a change" : "measured";
  const rows = [
    ...fits.map((fit) => ({
      tokens: fit.contextTokens,
      cells: [formatMemory(fit.neededBytes), formatMemory(fit.kvBytes), fitLook(fit.verdict).label, basisOfRow(fit)],
    })),
    ...(measured?.memory?.contexts ?? []).map(({ tokens, peakBytes }) => ({
      tokens,
      cells: [`**${formatMemory(peakBytes)}**`, UNKNOWN, UNKNOWN, `**${basis}**`],
    })),
  ].sort((one, other) => one.tokens - other.tokens);
  if (rows.length === 0) return "";
  const lines = rows.map(({ tokens, cells }) => `| ${formatContextLength(tokens)} | ${cells.join(" | ")} |`);
  return [
    "| Context | Memory | Of It Cache | Fits This Mac | Known By |",
    "| ---: | ---: | ---: | --- | --- |",
    ...lines,
  ].join("\n");
}

/** Between and beyond the contexts that were run, measured memory is drawn out by the formula. */
function basisOfRow(fit: Fit): string {
  return fit.method === "measured" ? "predicted from what was measured" : fitBasis(fit);
}

/** The result in a line: `38.2 tok/s, 3 GB at 8K; chat, tools`. */
export function measuredSummary(measured: Measurement | null): string {
  if (measured === null) return "Nothing was measured";
  const largest = measured.memory?.contexts.at(-1);
  const figures = [
    formatTokenSpeed(measured.tokensPerSecond),
    largest === undefined ? "" : `${formatMemory(largest.peakBytes)} at ${formatContextLength(largest.tokens)}`,
  ].filter((figure) => figure !== "");
  const does = ABILITIES.filter(({ key }) => measured.capabilities[key] === "yes").map(({ name }) => name);
  return [figures.join(", "), does.join(", ") || "it did not answer"].filter((part) => part !== "").join("; ");
}
