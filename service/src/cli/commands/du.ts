import type { Command } from "commander";
import type { ModelUsage } from "../../contract/library.ts";
import { formatBytes } from "../format/size.ts";
import { printTable } from "../format/table.ts";
import type { Runtime } from "../runtime.ts";

export function addDu(program: Command, { terminal, isJson, client }: Runtime): void {
  program
    .command("du")
    .description("show what the models take on the disk")
    .action(async () => {
      const usage = await client().call("getModelUsage", {});
      if (isJson()) return terminal.json(usage);
      printTable<ModelUsage["models"][number]>(
        terminal,
        [
          { title: "MODEL", value: ({ model }) => model, shrinks: true },
          { title: "ON DISK", value: ({ totalBytes }) => formatBytes(totalBytes), align: "right" },
          { title: "FREED BY RM", value: ({ exclusiveBytes }) => formatBytes(exclusiveBytes), align: "right" },
          { title: "NOTE", value: noteOf },
        ],
        [...usage.models].sort((one, other) => other.totalBytes - one.totalBytes),
      );
      const { totalBytes, sharedBytes, staleBytes, freeBytes, diskBytes } = usage;
      const shared = sharedBytes > 0 ? `, ${formatBytes(sharedBytes)} of it shared` : "";
      terminal.line(
        `Together ${formatBytes(totalBytes)}${shared}; ${formatBytes(freeBytes)} of ${formatBytes(diskBytes)} free.`,
      );
      const litter =
        staleBytes + usage.models.reduce((sum, { unusedBytes, foreignBytes }) => sum + unusedBytes + foreignBytes, 0);
      if (litter > 0) terminal.note(`${formatBytes(litter)} may be left over. Look: mlx-manager clean`);
    });
}

function noteOf({ foreignBytes, unusedBytes }: ModelUsage["models"][number]): string {
  return [
    foreignBytes > 0 ? `${formatBytes(foreignBytes)} unfinished` : "",
    unusedBytes > 0 ? `${formatBytes(unusedBytes)} unused` : "",
  ]
    .filter(Boolean)
    .join(", ");
}
