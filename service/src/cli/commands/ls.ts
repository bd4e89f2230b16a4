import type { Command } from "commander";
import { everyPage } from "../api/every-page.ts";
import type { Model } from "../../contract/models.ts";
import { formatContext } from "../format/count.ts";
import { formatFit } from "../format/fit.ts";
import { formatBytes, unknown } from "../format/size.ts";
import { printTable } from "../format/table.ts";
import type { Runtime } from "../runtime.ts";

export function addLs(program: Command, { terminal, isJson, client }: Runtime): void {
  program
    .command("ls")
    .alias("list")
    .description("list the models that are here")
    .argument("[filter]", "part of a model's id")
    .action(async (filter: string | undefined) => {
      const api = client();
      const page = await everyPage((query) => api.call("listModels", { query: { ...query, query: filter } }));
      if (isJson()) return terminal.json(page);
      if (page.items.length === 0) {
        terminal.note(
          filter === undefined
            ? "No models yet. Find one: mlx-manager search"
            : `No model here matches "${filter}". Look on the Hub: mlx-manager search ${filter}`,
        );
        return;
      }
      printTable<Model>(
        terminal,
        [
          { title: "MODEL", value: ({ id }) => id, shrinks: true },
          { title: "SIZE", value: ({ sizeBytes }) => formatBytes(sizeBytes), align: "right" },
          { title: "QUANT", value: ({ quantization }) => quantization?.label ?? unknown },
          { title: "CONTEXT", value: ({ contextLength }) => formatContext(contextLength), align: "right" },
          { title: "CAN", value: ({ capabilities }) => capabilities.join(",") || unknown },
          { title: "FITS", value: ({ fit }) => formatFit(fit) },
          { title: "NOTE", value: noteOf },
        ],
        page.items,
      );
    });
}

function noteOf({ complete, demo, isDefault, partial, supported, updateAvailable }: Model): string {
  const missing = partial?.missingBytes ?? 0;
  return [
    isDefault ? "default" : "",
    demo ? "demo" : "",
    complete ? "" : missing > 0 ? `incomplete, ${formatBytes(missing)} missing` : "incomplete",
    supported === false ? "no engine runs it" : "",
    updateAvailable === true ? "update available" : "",
  ]
    .filter(Boolean)
    .join(", ");
}
