import { resolve } from "node:path";
import type { Command } from "commander";
import type { ImportableModel } from "../../contract/library.ts";
import { formatBytes } from "../format/size.ts";
import { printTable } from "../format/table.ts";
import type { Runtime } from "../runtime.ts";

export function addImport(program: Command, { terminal, isJson, client }: Runtime): void {
  program
    .command("import")
    .description("use a model where it lies; without a folder: list what other programs have")
    .argument("[folder]", "folder with config.json and safetensors")
    .option("--name <name>", "name under local/; left out: the folder's own")
    .action(async (folder: string | undefined, { name }: { name?: string }) => {
      if (folder === undefined) {
        const list = await client().call("listImportable", {});
        if (isJson()) return terminal.json(list);
        if (list.items.length === 0) return terminal.note("Found nothing. Name a folder: mlx-manager import <folder>");
        printTable<ImportableModel>(
          terminal,
          [
            { title: "FOLDER", value: ({ path }) => path, shrinks: true },
            { title: "SIZE", value: ({ sizeBytes }) => formatBytes(sizeBytes), align: "right" },
            { title: "HERE AS", value: ({ imported }) => imported ?? "" },
          ],
          list.items,
        );
        return terminal.note("Use one: mlx-manager import <folder>");
      }
      // The service may run elsewhere in the file tree: it is told the whole path.
      const body = { path: resolve(folder), ...(name === undefined ? {} : { name }) };
      const model = await client().call("importModel", { body });
      if (isJson()) return terminal.json(model);
      terminal.line(`${model.id} is here (${formatBytes(model.sizeBytes)}); its files stay where they are.`);
      terminal.note(`Chat with it: mlx-manager run ${model.id}`);
    });
}
