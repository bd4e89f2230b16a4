import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Fault } from "../../test/fakes/fake-hub/index.ts";
import type { Contender, Result } from "./contenders.ts";
import type { HubProcess } from "./hub-process.ts";

export interface Race {
  readonly title: string;
  readonly model: string;
  readonly files: readonly string[];
  readonly bytes: number;
  readonly faults: readonly Fault[];
  readonly contenders: readonly Contender[];
  readonly rounds: number;
  /** Where everything is written; each run gets an empty folder below it. */
  readonly folder: string;
}

export interface Run extends Result {
  /** File bytes the Hub sent. */
  readonly bytesSent: number;
  readonly requests: number;
}

/** Every contender once per round, each round beginning with another one: what the machine does meanwhile hits all alike. */
export async function race(hub: HubProcess, plan: Race): Promise<Map<string, Run[]>> {
  const runs = new Map<string, Run[]>(plan.contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < plan.rounds; round += 1) {
    for (let place = 0; place < plan.contenders.length; place += 1) {
      const contender = plan.contenders[(place + round) % plan.contenders.length]!;
      runs.get(contender.name)!.push(await runOnce(hub, plan, contender));
    }
  }
  return runs;
}

async function runOnce(hub: HubProcess, { model, files, faults, folder }: Race, contender: Contender): Promise<Run> {
  const own = await mkdtemp(join(folder, "mlx-manager-bench-"));
  try {
    await hub.set(faults);
    const result = await contender.run({ endpoint: hub.url, model, files, folder: own });
    return { ...result, ...(await hub.count()) };
  } finally {
    await rm(own, { recursive: true, force: true, maxRetries: 5 });
  }
}
