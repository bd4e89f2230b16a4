import type { Command } from "commander";
import type { ModelDeletion } from "../../contract/library.ts";
import type { Model } from "../../contract/models.ts";
import { CommandError, notFoundError, usageError } from "../command-error.ts";
import { formatBytes } from "../format/size.ts";
import { modelParams, parseModelReference } from "../model-reference.ts";
import { confirm } from "../read-input.ts";
import type { Runtime } from "../runtime.ts";

export function addRm(program: Command, { terminal, isJson, client, exitWith }: Runtime): void {
  program
    .command("rm")
    .description("delete a model's files, or one revision of it")
    .argument("<model>", "owner/name, or owner/name@revision for that one alone")
    .option("-y, --yes", "do not ask")
    .action(async (reference: string, { yes }: { yes?: boolean }) => {
      const { id, revision } = parseModelReference(reference);
      const model = await client().call("getModel", { params: modelParams(id) });
      if (yes !== true) {
        if (!terminal.isInteractive) throw usageError("Nobody can be asked here. Add --yes to delete.");
        if (!(await confirm(terminal, questionOf(model, revision)))) {
          terminal.note("Kept.");
          return exitWith(1);
        }
      }
      const deleted = await deleteFiles();
      if (isJson()) return terminal.json(deleted);
      terminal.line(
        model.source === "folder"
          ? `${id} is forgotten; its files are where they were.`
          : `Deleted ${reference} (${formatBytes(deleted.freedBytes)}).`,
      );

      async function deleteFiles(): Promise<ModelDeletion> {
        const params = modelParams(id);
        try {
          return revision === undefined
            ? await client().call("deleteModel", { params })
            : await client().call("deleteModelRevision", { params: { ...params, revision } });
        } catch (error) {
          if (!(error instanceof CommandError) || error.code !== "model_in_use") throw error;
          throw new CommandError(error.code, `${error.message} With: mlx-manager stop ${id}`, {
            cause: error,
          });
        }
      }
    });
}

function questionOf(model: Model, revision: string | undefined): string {
  if (model.source === "folder") return `Forget ${model.id}? Its files stay where they are.`;
  if (revision === undefined) return `Delete ${model.id} (${formatBytes(model.sizeBytes)})?`;
  const found = model.revisions.find((one) => one.revision.startsWith(revision) || one.refs.includes(revision));
  if (!found) throw notFoundError(`${model.id} has no revision ${revision} here.`);
  return `Delete revision ${found.revision.slice(0, 12)} of ${model.id} (frees ${formatBytes(found.exclusiveBytes)})?`;
}
