import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as z from "zod";
import type { ClusterHost, ProfileCluster } from "../../contract/profile-kinds.ts";
import type { HostShell } from "./host-shell.ts";
import { isThisMachine } from "./hosts.ts";

/** What every host needs at the same place, since `mlx.launch` runs one command everywhere. */
export interface ClusterPlaces {
  readonly python: string;
  readonly launcher: string;
  readonly modelPath: string;
}

export interface HostReport {
  readonly rank: number;
  readonly host: string;
  /** What keeps it from taking part, with the next step. Empty: nothing. */
  readonly problems: readonly string[];
  /** What models may take there; null: not known. */
  readonly limitBytes: number | null;
}

const Facts = z.object({
  python: z.string(),
  packages: z.record(z.string(), z.string().nullable()),
  launcher: z.string().nullable(),
  modelBytes: z.number().nullable(),
  limitBytes: z.number().nullable(),
});
type Facts = z.infer<typeof Facts>;

/**
 * Asks each other host over ssh whether it could run a rank: reached, same Python, engine and launcher, model there. This
 * machine is the measure, and is asked without ssh.
 */
export async function checkHosts(
  { hosts }: ProfileCluster,
  places: ClusterPlaces,
  shell: HostShell,
): Promise<HostReport[]> {
  const script = await readFile(join(dirname(places.launcher), "cluster_preflight.py"), "utf8");
  const ask = (host: Pick<ClusterHost, "host">) => askHost(host, places, shell, script);
  const own = await ask({ host: "127.0.0.1" });
  return Promise.all(
    hosts.map(async (host, rank): Promise<HostReport> => {
      const found = isThisMachine(host) ? own : await ask(host);
      if (typeof found === "string")
        return { rank, host: host.host, problems: [`${host.host}: ${found}`], limitBytes: null };
      const problems = typeof own === "string" ? [] : differences(own, found);
      return { rank, host: host.host, problems: problems.map(at(host)), limitBytes: found.limitBytes };
    }),
  );
}

function at({ host }: ClusterHost): (problem: string) => string {
  return (problem) => `${host}: ${problem}`;
}

/** @returns what it has, or why that is not known. */
async function askHost(
  host: Pick<ClusterHost, "host">,
  { python, launcher, modelPath }: ClusterPlaces,
  shell: HostShell,
  script: string,
): Promise<Facts | string> {
  const answer = await shell.run(host, [python, "-", dirname(launcher), modelPath], script);
  if (!answer.isReached)
    return "it is not reached by ssh without a password. Check that `ssh -o BatchMode=yes` gets there.";
  if (answer.exitCode === 126 || answer.exitCode === 127 || (answer.exitCode === null && answer.output === ""))
    return `there is no engine at ${python}. Install MLX Manager and the same engine there, in a home of the same path.`;
  const facts = Facts.safeParse(parse(answer.output));
  if (answer.exitCode === 0 && facts.success) return facts.data;
  return "the engine's Python could not be asked there. Install the engine again.";
}

function differences(own: Facts, there: Facts): string[] {
  const problems: string[] = [];
  for (const [name, version] of [["Python", own.python] as const, ...Object.entries(own.packages)]) {
    const other = name === "Python" ? there.python : (there.packages[name] ?? null);
    if (other !== version)
      problems.push(`${name} is ${other ?? "missing"} there and ${version ?? "missing"} here. Update both.`);
  }
  if (there.launcher !== own.launcher) problems.push("MLX Manager has another version there. Update both.");
  if (there.modelBytes === null) problems.push("the model is not at the same place there. Download it on that host.");
  else if (there.modelBytes !== own.modelBytes)
    problems.push("the model there is another revision, or not complete. Download it again on that host.");
  return problems;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
