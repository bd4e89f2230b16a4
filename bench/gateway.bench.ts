// What a gateway costs, and what it does when something goes wrong: this service, llama-swap and LiteLLM in front of the same
// scripted engine, in turns, beside the engine itself. Flags: --quick, --rounds N, --only figures|faults,
// --engine real (the demo model in mlx_lm.server), --sources (this checkout's sources in place of the built program),
// --llama-swap PATH (its program, where it cannot be installed), --without NAME (more than once)
import { mkdtemp, rm } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { checkout } from "../test/tools/service-process.ts";
import { startChild } from "./child.ts";
import { builtService } from "./downloads/built-service.ts";
import { missedBudgets } from "./downloads/table.ts";
import { names } from "./gateway/contender.ts";
import type { Contender } from "./gateway/contender.ts";
import { emptyFigures, round, warmUp } from "./gateway/measure.ts";
import type { Effort } from "./gateway/measure.ts";
import { installLiteLlm, installLlamaSwap } from "./gateway/peers.ts";
import { reportFaults } from "./gateway/report-faults.ts";
import { reportBudgets, reportFigures } from "./gateway/report.ts";
import { realWays } from "./gateway/real-contenders.ts";
import { scriptedWays } from "./gateway/scripted-contenders.ts";

const { values: flags } = parseArgs({
  options: {
    ...{ quick: { type: "boolean", default: false }, rounds: { type: "string" }, only: { type: "string" } },
    ...{ engine: { type: "string", default: "scripted" }, sources: { type: "boolean", default: false } },
    ...{ "llama-swap": { type: "string" }, without: { type: "string", multiple: true, default: [] } },
  },
});
const isReal = flags.engine === "real";
const amounts = isReal
  ? { warm: 2, single: flags.quick ? 10 : 40, crowd: 1, race: 0, paced: 0 }
  : flags.quick
    ? { warm: 200, single: 100, crowd: 10, race: 3000, paced: 150 }
    : { warm: 200, single: 300, crowd: 30, race: 6000, paced: 250 };
const effort: Effort = { rounds: Number(flags.rounds ?? (flags.quick ? 1 : 3)), ...amounts };
const folder = await mkdtemp(join(tmpdir(), "mlx-manager-bench-gateway-"));
const contenders: Contender[] = [];
let poor = 0;
const engine = await startChild<{ port: number }>("./gateway/scripted-engine.mjs", []);

try {
  const ways = isReal ? await realWays(folder) : scriptedWays({ folder, enginePort: engine.hello.port });
  contenders.push(await ways.direct());
  contenders.push(await ways.mlxManager(flags.sources ? checkout : builtService()));
  await addPeer(names.llamaSwap, () => installLlamaSwap(flags["llama-swap"]), ways.llamaSwap);
  await addPeer(names.liteLlm, installLiteLlm, ways.liteLlm);
  if (flags.only !== "faults") await compareFigures();
  if (flags.only !== "figures" && !isReal) poor = await reportFaults(contenders, contenders[0]!.url, engine.end);
} finally {
  for (const { end } of contenders) await end();
  await engine.end();
  await rm(folder, { recursive: true, force: true });
}

if (flags.only !== "faults" && !isReal)
  console.log(missedBudgets() === 0 ? "\nEvery budget is met." : `\n${missedBudgets()} budgets are missed.`);
if (poor > 0) console.log(`${poor} faults are not met well.`);

async function compareFigures(): Promise<void> {
  console.log(`Load average at the start ${loadavg()[0]!.toFixed(1)}; ${effort.rounds} rounds, in turns.`);
  const figures = new Map(contenders.map(({ name }) => [name, emptyFigures()]));
  // A process gives back what its start took only when nothing has happened for a while.
  await delay(flags.quick ? 5000 : 75_000);
  for (const contender of contenders) await warmUp(contender, figures.get(contender.name)!, effort.warm);
  for (let count = 0; count < effort.rounds; count += 1) await round(contenders, figures, effort);
  reportFigures(contenders, figures);
  if (!isReal) reportBudgets(contenders, figures);
}

async function addPeer(
  name: string,
  install: () => Promise<{ path: string } | { missing: string }>,
  start: (path: string) => Promise<Contender>,
): Promise<void> {
  if (flags.without.includes(name)) return;
  const peer = await install();
  if ("path" in peer) contenders.push(await start(peer.path));
  else console.log(`${name} is not measured. ${peer.missing}`);
}
