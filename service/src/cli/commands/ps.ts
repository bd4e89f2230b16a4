import type { Command } from "commander";
import { everyPage } from "../api/every-page.ts";
import type { Server } from "../../contract/servers.ts";
import { formatDuration } from "../format/duration.ts";
import { formatMemory, unknown } from "../format/size.ts";
import { printTable } from "../format/table.ts";
import { restartAdvice } from "../restart-advice.ts";
import type { Runtime } from "../runtime.ts";

export function addPs(program: Command, { terminal, isJson, client }: Runtime): void {
  program
    .command("ps")
    .description("list the running servers")
    .option("-a, --all", "stopped and failed ones too")
    .action(async ({ all }: { all?: boolean }) => {
      const api = client();
      const page = await everyPage((query) =>
        api.call("listServers", { query: { ...query, running: all === true ? undefined : true } }),
      );
      if (isJson()) return terminal.json(page);
      if (page.items.length === 0) {
        terminal.note("No server runs. Start one: mlx-manager start <model>");
        return;
      }
      printTable<Server>(
        terminal,
        [
          { title: "NAME", value: ({ profile }) => profile, shrinks: true },
          { title: "STATE", value: stateOf },
          { title: "PID", value: ({ pid }) => (pid === null ? unknown : String(pid)), align: "right" },
          { title: "PORT", value: ({ port }) => (port === null ? unknown : String(port)), align: "right" },
          { title: "MEMORY", value: ({ memory }) => formatMemory(memory?.footprintBytes), align: "right" },
          { title: "TOK/S", value: ({ tokensPerSecond }) => tokensPerSecond?.toFixed(1) ?? unknown, align: "right" },
          { title: "TOKENS", value: ({ totalTokens }) => String(totalTokens), align: "right" },
          { title: "UPTIME", value: ({ uptimeSeconds }) => formatDuration(uptimeSeconds), align: "right" },
          { title: "ID", value: ({ id }) => id },
        ],
        page.items,
      );
      for (const { profile, state, lastError, needsRestart, restartKeys } of page.items) {
        if (lastError && state !== "ready") terminal.note(`${profile}: ${lastError.message}`);
        if (needsRestart) terminal.note(restartAdvice(profile, restartKeys));
      }
    });
}

function stateOf({ state, phase, inFlight }: Server): string {
  if (state === "ready") return inFlight > 0 ? "busy" : "ready";
  return phase === null ? state : `${state} (${phase})`;
}
