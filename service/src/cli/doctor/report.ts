import { homedir, userInfo } from "node:os";
import type { System } from "../../contract/system.ts";
import { formatBytes, formatMemory } from "../format/size.ts";
import type { Check } from "./check.ts";

export interface Report {
  readonly version: string;
  readonly at: string;
  readonly system: System | null;
  readonly checks: readonly Check[];
}

/** A Markdown report for a bug report: facts and results, no secrets, no paths of a home. */
export function formatReport({ version, at, system, checks }: Report, redact: (text: string) => string): string {
  const facts = [
    ["MLX Manager", version],
    ["Node", process.versions.node],
    ["time", at],
    ...(system === null ? [["service", "did not answer"]] : systemFacts(system)),
  ];
  const rows = checks.map(({ name, status, text, next, seconds }) => {
    const result = next === undefined ? text : `${text} Next: ${next}`;
    return [name, status, result, `${seconds.toFixed(2)} s`];
  });
  const failed = checks.filter(({ status }) => status === "fail").length;
  return redact(
    `${[
      "# MLX Manager: doctor's report",
      `${checks.length} checks, ${failed} failed.`,
      table(["what", "value"], facts),
      table(["check", "result", "seen", "time"], rows),
    ].join("\n\n")}\n`,
  );
}

function systemFacts({ operatingSystem, platform, architecture, chip, cores, ...rest }: System): string[][] {
  const { memory, disk, python, uv, engines, offline, hubEndpoint } = rest;
  return [
    ["machine", `${operatingSystem} (${platform} ${architecture}), ${chip}, ${cores} cores`],
    ["memory", `${formatMemory(memory.totalBytes)}, limit ${formatMemory(memory.limitBytes)} (${memory.method})`],
    ["disk", disk === null ? "not known" : `${formatBytes(disk.freeBytes)} of ${formatBytes(disk.totalBytes)} free`],
    ["Python, uv", `${python.version ?? "none"}, ${uv.version ?? "none"}`],
    ["engines", engines.map(({ id, state, version }) => `${id} ${version ?? ""} ${state}`).join(", ")],
    ["Hub", offline ? "offline" : hubEndpoint === "https://huggingface.co" ? "huggingface.co" : "another endpoint"],
  ];
}

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(" | ")} |`;
  return [line(titles), line(titles.map(() => "---")), ...rows.map(line)].join("\n");
}

function cell(text: string): string {
  return text.replace(/\|/g, "\\|").replace(/\s+/g, " ");
}

/** Takes out what a stranger must not read: keys, tokens, the account's name and home, the data directory. */
export function createRedaction(secrets: { key: string | null; home: string }): (text: string) => string {
  const replacements: [string | RegExp, string][] = [
    ...(secrets.key === null ? [] : ([[secrets.key, "[key]"]] as [string, string][])),
    [secrets.home, "$MLX_MANAGER_HOME"],
    [homedir(), "~"],
    [/(\/Users|\/home)\/[^/\s"']+/g, "~"],
    [/\b(hf_|mlxm_|sk-)[A-Za-z0-9_-]{8,}/g, "[key]"],
    [/\bBearer +\S+/gi, "Bearer [key]"],
    // A short name would be found inside other words.
    ...(userInfo().username.length > 4 ? ([[userInfo().username, "[user]"]] as [string, string][]) : []),
  ];
  return (text) =>
    replacements.reduce<string>((shown, [from, to]) => (from === "/" ? shown : shown.replaceAll(from, () => to)), text);
}
