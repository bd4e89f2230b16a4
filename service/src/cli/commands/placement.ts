import type { Command } from "commander";
import type { Placement, PlacementNode } from "../../contract/profile-kinds.ts";
import { findProfile, nameOf } from "../find-profile.ts";
import { formatMemory, unknown } from "../format/size.ts";
import { printTable } from "../format/table.ts";
import type { Runtime } from "../runtime.ts";

/** Which host of a cluster would hold what, before anything is loaded. */
export function addPlacement(profiles: Command, runtime: Runtime): void {
  profiles
    .command("placement")
    .description("show what each host of a cluster would hold, and ask each whether it can; starts nothing")
    .argument("<name>", "a profile that is a cluster")
    .option("--no-preflight", "do not ask the hosts over ssh")
    .action(async (name: string, { preflight }: { preflight: boolean }) => {
      const profile = await findProfile(runtime.client(), name);
      const params = { id: profile.id };
      show(runtime, nameOf(profile), await runtime.client().call("previewPlacement", { params, body: { preflight } }));
    });
}

function show({ terminal, isJson, exitWith }: Runtime, name: string, placement: Placement): void {
  const { nodes, problems, possible, mode, contextTokens, concurrency } = placement;
  if (!possible) exitWith(1);
  if (isJson()) return terminal.json(placement);
  printTable<PlacementNode>(
    terminal,
    [
      { title: "RANK", value: ({ rank }) => String(rank), align: "right" },
      { title: "HOST", value: ({ host }) => host, shrinks: true },
      { title: "WEIGHTS", value: ({ weightBytes }) => formatMemory(weightBytes), align: "right" },
      { title: "CACHE", value: ({ kvBytes }) => formatMemory(kvBytes), align: "right" },
      { title: "NEEDED", value: ({ neededBytes }) => formatMemory(neededBytes), align: "right" },
      { title: "LIMIT", value: ({ limitBytes }) => formatMemory(limitBytes), align: "right" },
      { title: "FITS", value: ({ fits }) => (fits === null ? unknown : fits ? "yes" : "no") },
    ],
    nodes,
  );
  const many = concurrency === 1 ? "one conversation" : `${concurrency} conversations`;
  terminal.line(`${mode} parallel, ${many} of ${contextTokens} tokens`);
  for (const problem of [...problems, ...nodes.flatMap((node) => node.problems)]) terminal.note(problem);
  if (!possible) return terminal.line("It cannot be started like this.");
  const isKnown = nodes.every(({ fits }) => fits !== null);
  terminal.line(`${isKnown ? "It can be started" : "Not all hosts were asked"}: mlx-manager start ${name}`);
}
