import type { Command } from "commander";
import type { ModelCleaning } from "../../contract/library.ts";
import { formatBytes, unknown } from "../format/size.ts";
import { printTable } from "../format/table.ts";
import type { Runtime } from "../runtime.ts";

type Litter = ModelCleaning["items"][number];

const kinds: Record<Litter["kind"], string> = {
  "foreign-part": "unfinished download of another program",
  "own-part": "part of a download that is gone",
  "broken-link": "link to nothing",
  "empty-repository": "empty folder",
  "unused-blob": "file that no revision uses",
  "unused-shared-blob": "shared file that no model uses",
};

export function addClean(program: Command, { terminal, isJson, client }: Runtime): void {
  program
    .command("clean")
    .description("list what downloads left behind; --yes removes it")
    .option("-y, --yes", "remove it")
    .action(async ({ yes }: { yes?: boolean }) => {
      const found = await client().call("cleanModels", { body: { dryRun: yes !== true } });
      if (isJson()) return terminal.json(found);
      if (found.items.length === 0) return terminal.note("Nothing is left over.");
      printTable<Litter>(
        terminal,
        [
          { title: "WHAT", value: ({ kind }) => kinds[kind] },
          { title: "MODEL", value: ({ model }) => model ?? unknown },
          { title: "SIZE", value: ({ sizeBytes }) => formatBytes(sizeBytes), align: "right" },
          { title: "PATH", value: ({ path }) => path, shrinks: true },
        ],
        found.items,
      );
      if (yes === true) return terminal.line(`Freed ${formatBytes(found.bytes)}.`);
      terminal.note(`Free ${formatBytes(found.bytes)}: mlx-manager clean --yes`);
    });
}
