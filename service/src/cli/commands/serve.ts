import type { Command } from "commander";
import type { Runtime } from "../runtime.ts";

export function addServe(program: Command, { terminal, isJson, serve, exitWith }: Runtime): void {
  program
    .command("serve")
    .description("run the service until Ctrl-C")
    .option("--no-install", "do not install the engine when it is absent")
    .action(async ({ install }: { install: boolean }) => {
      exitWith(
        await serve({
          installEngine: install,
          say: (line) => (isJson() ? terminal.line(JSON.stringify({ message: line })) : terminal.line(line)),
        }),
      );
    });
}
