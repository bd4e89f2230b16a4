import type { Command } from "commander";
import { CommandError, usageError } from "../command-error.ts";
import { formatBytes } from "../format/size.ts";
import { modelParams, parseModelReference } from "../model-reference.ts";
import { confirm } from "../read-input.ts";
import type { Runtime } from "../runtime.ts";

export function addRm(program: Command, { terminal, isJson, client, exitWith }: Runtime): void {
  program
    .command("rm")
    .description("delete a model's files")
    .argument("<model>", "owner/name")
    .option("-y, --yes", "do not ask")
    .action(async (reference: string, { yes }: { yes?: boolean }) => {
      const { id, revision } = parseModelReference(reference);
      if (revision !== undefined)
        throw usageError("A model is deleted with all its revisions: leave the revision out.");
      const model = await client().call("getModel", { params: modelParams(id) });
      if (yes !== true) {
        if (!terminal.isInteractive) throw usageError("Nobody can be asked here. Add --yes to delete.");
        if (!(await confirm(terminal, `Delete ${id} (${formatBytes(model.sizeBytes)})?`))) {
          terminal.note("Kept.");
          return exitWith(1);
        }
      }
      const deleted = await deleteModel();
      if (isJson()) return terminal.json(deleted);
      terminal.line(`Deleted ${id} (${formatBytes(deleted.sizeBytes)}).`);

      async function deleteModel() {
        try {
          return await client().call("deleteModel", { params: modelParams(id) });
        } catch (error) {
          if (!(error instanceof CommandError) || error.code !== "model_in_use") throw error;
          throw new CommandError(error.code, `${error.message} With: mlx-manager stop ${id}`, {
            cause: error,
          });
        }
      }
    });
}
