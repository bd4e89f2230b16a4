import type { Command } from "commander";
import { defaultEngine } from "../../contract/engine-capabilities.ts";
import { LocalEngineId } from "../../contract/engines.ts";
import type { Engine } from "../../contract/engines.ts";
import { usageError } from "../command-error.ts";
import { formatBytes, unknown } from "../format/size.ts";
import { printTable } from "../format/table.ts";
import type { Runtime } from "../runtime.ts";
import { runEngineJob } from "../wait-for-job.ts";

export function addEngines(program: Command, runtime: Runtime): void {
  const engines = program.command("engines").description("the programs that run models");
  engines
    .command("list", { isDefault: true })
    .description("list engines and their state")
    .action(() => listEngines(runtime));
  const add = (verb: "install" | "update" | "remove", description: string, done: string): void => {
    engines
      .command(verb)
      .description(description)
      .argument("[engine]", "engine", defaultEngine)
      .action(async (name: string) => {
        const id = engineNamed(name);
        const job = await runEngineJob(runtime, runtime.client(), `${verb}Engine`, id);
        if (runtime.isJson()) return runtime.terminal.json(job);
        runtime.terminal.line(`${id} ${done}.`);
      });
  };
  add("install", "install an engine", "is installed");
  add("update", "install the version that this release pins", "is up to date");
  add("remove", "remove an engine", "is removed");
  engines
    .command("rollback")
    .description("go back to the version before; again: forward")
    .argument("[engine]", "engine", defaultEngine)
    .action(async (name: string) => {
      const engine = await runtime.client().call("rollbackEngine", { params: { id: engineNamed(name) } });
      if (runtime.isJson()) return runtime.terminal.json(engine);
      runtime.terminal.line(`${engine.id} is ${engine.version} again. What runs keeps its version until a restart.`);
    });
}

function engineNamed(name: string): LocalEngineId {
  const id = LocalEngineId.safeParse(name);
  if (id.success) return id.data;
  throw usageError(`There is no engine "${name}". Known: ${LocalEngineId.options.join(", ")}.`);
}

async function listEngines({ terminal, isJson, client }: Runtime): Promise<void> {
  const list = await client().call("listEngines", {});
  if (isJson()) return terminal.json(list);
  printTable<Engine>(
    terminal,
    [
      { title: "ENGINE", value: ({ id }) => id },
      { title: "STATE", value: ({ state }) => state },
      { title: "VERSION", value: ({ version }) => version ?? unknown },
      { title: "AVAILABLE", value: ({ availableVersion }) => availableVersion },
      { title: "BEFORE", value: ({ previousVersion }) => previousVersion ?? unknown },
      { title: "PYTHON", value: ({ pythonVersion }) => pythonVersion ?? unknown },
      { title: "SIZE", value: ({ sizeBytes }) => formatBytes(sizeBytes), align: "right" },
    ],
    list.items,
  );
  for (const { id, state, reason } of list.items) {
    if (reason) terminal.note(`${id}: ${reason.message}`);
    else if (state === "absent") terminal.note(`Install it: mlx-manager engines install ${id}`);
  }
}
