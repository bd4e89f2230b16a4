import type { Command } from "commander";
import { findProfile, nameOf } from "../find-profile.ts";
import { formatMemory } from "../format/size.ts";
import type { Runtime } from "../runtime.ts";
import { startAndWait } from "../wait-for-server.ts";

export function addStart(program: Command, runtime: Runtime): void {
  const { terminal, isJson, client } = runtime;
  program
    .command("start")
    .description("start a model or profile and wait until it answers")
    .argument("<name>", "a model, a profile or an alias")
    .action(async (wanted: string) => {
      const profile = await findProfile(client(), wanted);
      const name = nameOf(profile);
      const server = await startAndWait(runtime, client(), profile.id, name);
      if (isJson()) return terminal.json(server);
      const memory = server.memory === null ? "" : `, ${formatMemory(server.memory.footprintBytes)} of memory`;
      terminal.line(`${name} is ready (process ${server.pid ?? "-"}, port ${server.port ?? "-"}${memory}).`);
    });
}
