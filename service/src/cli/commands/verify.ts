import type { Command } from "commander";
import type { ModelVerification, VerifiedFile } from "../../contract/library.ts";
import { formatBytes } from "../format/size.ts";
import { printTable } from "../format/table.ts";
import { modelParams, parseModelReference } from "../model-reference.ts";
import type { Runtime } from "../runtime.ts";
import { runJob } from "../wait-for-job.ts";
import { followDownload } from "./pull.ts";

export function addVerify(program: Command, runtime: Runtime): void {
  const { terminal, isJson, client, exitWith } = runtime;
  program
    .command("verify")
    .description("read a model's files again and compare them with their checksums")
    .argument("<model>", "owner/name or owner/name@revision")
    .option("--repair", "then fetch again what is missing or wrong")
    .action(async (reference: string, { repair }: { repair?: boolean }) => {
      const { id, revision } = parseModelReference(reference);
      const api = client();
      const params = modelParams(id);
      const query = revision === undefined ? {} : { revision };
      await runJob(runtime, api, () => api.call("verifyModel", { params, query }));
      const found = await api.call("getVerification", { params, query });
      if (found.result !== "wrong" || repair !== true) {
        if (isJson()) terminal.json(found);
        else tell(runtime, found);
        if (found.result === "wrong") exitWith(1);
        return;
      }
      if (!isJson()) printWrong(runtime, found);
      const download = await followDownload(runtime, api, {
        begin: () => api.call("repairModel", { params }),
        again: `mlx-manager verify ${reference} --repair`,
      });
      if (isJson()) return terminal.json(download);
      terminal.line(`Repaired ${id}: ${formatBytes(download.bytesTotal)} in place and right.`);
    });
}

const states: Record<VerifiedFile["state"], string> = {
  missing: "missing",
  "wrong-size": "wrong size",
  "wrong-content": "wrong content",
  unreadable: "cannot be read",
};

function tell(runtime: Runtime, found: ModelVerification): void {
  const { terminal } = runtime;
  const { model, result, filesChecked, filesUnknown, bytesChecked } = found;
  const checked = `${filesChecked} files, ${formatBytes(bytesChecked)}`;
  if (result === "right") return terminal.line(`${model} is right: ${checked}.`);
  if (result === "unknown")
    return terminal.line(`${model}: ${checked} checked; ${filesUnknown} have no checksum that is known here.`);
  printWrong(runtime, found);
  terminal.note(`Fetch these again: mlx-manager verify ${model} --repair`);
}

function printWrong({ terminal }: Runtime, { wrongFiles }: ModelVerification): void {
  printTable<VerifiedFile>(
    terminal,
    [
      { title: "FILE", value: ({ path }) => path, shrinks: true },
      { title: "PROBLEM", value: ({ state }) => states[state] },
      { title: "FOUND", value: ({ foundBytes }) => formatBytes(foundBytes), align: "right" },
      { title: "SHOULD BE", value: ({ sizeBytes }) => formatBytes(sizeBytes), align: "right" },
    ],
    wrongFiles,
  );
}
