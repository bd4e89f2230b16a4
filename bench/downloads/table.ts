import type { Race, Run } from "./rounds.ts";

/** The middle value; of two, the lower. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((one, other) => one - other);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}

/** Our time divided by a peer's, as the median over rounds; NaN when either did not finish. */
export function ratioTo(runs: ReadonlyMap<string, readonly Run[]>, peer: string, own = "MLX Manager"): number {
  const mine = runs.get(own) ?? [];
  const theirs = runs.get(peer) ?? [];
  if ([...mine, ...theirs].some(({ problem }) => problem !== null)) return Number.NaN;
  return median(mine.map(({ seconds }, round) => seconds / theirs[round]!.seconds));
}

export function printRace(plan: Race, runs: ReadonlyMap<string, readonly Run[]>): void {
  console.log(`\n${plan.title}; ${plan.rounds} ${plan.rounds === 1 ? "round" : "rounds, medians"}`);
  console.log("                        ours/its time   seconds (min-max)       MB/s   CPU s   peak MB   sent again");
  for (const { name } of plan.contenders) {
    const list = runs.get(name) ?? [];
    const failed = list.find(({ problem }) => problem !== null);
    const of = (pick: (run: Run) => number): number => median(list.map(pick));
    const seconds = list.map((run) => run.seconds);
    const again = of(({ bytesSent }) => (100 * (bytesSent - plan.bytes)) / plan.bytes);
    const columns = [
      name.padEnd(22),
      ratioTo(runs, name).toFixed(2).replace("NaN", "-").padStart(12),
      `${median(seconds).toFixed(2)} (${Math.min(...seconds).toFixed(2)}-${Math.max(...seconds).toFixed(2)})`.padStart(
        22,
      ),
      (plan.bytes / 1e6 / median(seconds)).toFixed(0).padStart(10),
      of(({ cpuSeconds }) => cpuSeconds)
        .toFixed(2)
        .padStart(7),
      (of(({ peakBytes }) => peakBytes) / 1e6).toFixed(0).padStart(9),
      `${again.toFixed(1)} %`.padStart(12),
    ];
    console.log(failed ? `${name.padEnd(22)} did not finish: ${failed.problem}` : columns.join(" "));
  }
}

let missed = 0;

/** One line per budget. Remembers whether any was missed. */
export function verdict(what: string, value: number, limit: number, unit = "", isFloor = false): void {
  const isMet = isFloor ? value >= limit : value <= limit;
  if (!isMet) missed += 1;
  const shown = Number.isNaN(value) ? "nothing to compare" : `${value.toFixed(2)}${unit}`;
  console.log(`  ${isMet ? "met   " : "MISSED"} ${what}: ${shown} (budget ${isFloor ? ">=" : "<="} ${limit}${unit})`);
}

export const missedBudgets = (): number => missed;
