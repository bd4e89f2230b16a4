import type { Placement, PlacementNode, ProfileCluster } from "../../contract/profile-kinds.ts";
import { isThisMachine } from "./hosts.ts";
import { shareOf, splitProblems } from "./parallel-models.ts";
import type { SplitFacts } from "./parallel-models.ts";
import type { HostReport } from "./preflight.ts";

/** What one machine alone would take, as the fit function predicts it. */
export interface WholeMemory {
  readonly weights: number;
  readonly kv: number;
  /** The engine itself and what a step of the prompt takes: each host takes it whole. */
  readonly overhead: number;
}

export interface PlacementInput {
  readonly cluster: ProfileCluster;
  readonly facts: SplitFacts;
  /** Null: the model's files do not say. */
  readonly whole: WholeMemory | null;
  readonly contextTokens: number;
  readonly concurrency: number;
  /** Empty: the hosts were not asked. */
  readonly reports: readonly HostReport[];
  readonly ownLimitBytes: number;
}

/** Which host would hold what, and what keeps it from working. Pure; nothing is started. */
export function placementOf(input: PlacementInput): Placement {
  const { cluster, facts, whole, contextTokens, concurrency, reports, ownLimitBytes } = input;
  const { mode, hosts } = cluster;
  const problems = splitProblems(facts, mode, hosts.length);
  const share = shareOf(facts, mode, hosts.length);
  const ownRanks = hosts.filter(isThisMachine).length;
  const nodes = hosts.map((place, rank): PlacementNode => {
    const { host } = place;
    const isHere = isThisMachine(place);
    const report = reports.find((one) => one.rank === rank);
    const weightBytes = whole === null ? null : Math.ceil(whole.weights * share);
    const kvBytes = whole === null ? null : Math.ceil(whole.kv * share);
    const neededBytes = whole === null ? null : Math.ceil((whole.weights + whole.kv) * share + whole.overhead);
    // Ranks of this machine share what it gives; another takes one rank.
    const limitBytes = isHere ? Math.floor(ownLimitBytes / ownRanks) : (report?.limitBytes ?? null);
    const fits = neededBytes === null || limitBytes === null ? null : neededBytes <= limitBytes;
    const room = fits === false ? [`${host}: it gives models less than this rank needs. Add a host.`] : [];
    const asked = report?.problems ?? [];
    return { rank, host, weightBytes, kvBytes, neededBytes, limitBytes, fits, problems: [...asked, ...room] };
  });
  const isPossible = problems.length === 0 && nodes.every((node) => node.problems.length === 0);
  return { mode, contextTokens, concurrency, nodes, problems, possible: isPossible };
}
