import { readFileSync, readdirSync } from "node:fs";
import { execFileSync, spawnSync } from "node:child_process";

/** Process ids of launchers that serve a model below `folder`, or run from it: nothing of a test may outlive it. */
export function engineProcesses(text: string): number[] {
  return commandLines().flatMap(({ pid, command }) =>
    command.includes("mlx_lm_server.py") && command.includes(text) ? [pid] : [],
  );
}

/** Process ids of the ranks of clusters, without what starts and guards them. */
export function rankProcesses(): number[] {
  const ranks = commandLines().filter(({ command }) => /^\S*python\S* \S*mlx_lm_rank\.py /.test(command));
  const all = new Set(ranks.map(({ pid }) => pid));
  return [...all].filter((pid) => !all.has(parentOf(pid)));
}

function parentOf(pid: number): number {
  const { stdout } = spawnSync("ps", ["-o", "ppid=", "-p", String(pid)], { encoding: "utf8" });
  return Number(stdout); // 0 when it ended meanwhile.
}

function commandLines(): { pid: number; command: string }[] {
  if (process.platform !== "linux") {
    const rows = execFileSync("/bin/ps", ["-axo", "pid=,command="], { encoding: "utf8" }).trim().split("\n");
    return rows.map((row) => ({ pid: Number.parseInt(row, 10), command: row }));
  }
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        return [{ pid: Number(name), command: readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ") }];
      } catch {
        return []; // It ended while we looked: that is what we want to know.
      }
    });
}
