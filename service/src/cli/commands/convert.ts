import { Option } from "commander";
import type { Command } from "commander";
import { ConversionDtype, ConversionMode, ConversionRecipe } from "../../contract/conversions.ts";
import type { ModelConvert } from "../../contract/conversions.ts";
import { formatBytes } from "../format/size.ts";
import { modelParams, parseModelReference } from "../model-reference.ts";
import { wholeNumber } from "../option-values.ts";
import type { Runtime } from "../runtime.ts";
import { runJob } from "../wait-for-job.ts";

export function addConvert(program: Command, runtime: Runtime): void {
  const { terminal, isJson, client } = runtime;
  program
    .command("convert")
    .description("make a quantized model of one that is here")
    .argument("<model>", "owner/name or owner/name@revision")
    .option("--bits <bits>", "2, 3, 4, 5, 6 or 8; left out: the mode's own", wholeNumber(2, 8))
    .option("--group-size <weights>", "weights that share a scale", wholeNumber(16, 128))
    .addOption(new Option("--mode <mode>", "how weights are packed").choices(ConversionMode.options))
    .addOption(new Option("--dtype <dtype>", "of what is not quantized").choices(ConversionDtype.options))
    .addOption(new Option("--recipe <recipe>", "mixed bits, in place of --bits").choices(ConversionRecipe.options))
    .option("--name <name>", "its name under local/")
    .action(async (reference: string, options: Partial<ModelConvert>) => {
      const { id, revision } = parseModelReference(reference);
      const api = client();
      const params = modelParams(id);
      const query = revision === undefined ? {} : { revision };
      const { subject } = await runJob(runtime, api, () =>
        api.call("convertModel", { params, query, body: { mode: "affine", ...options } }),
      );
      const model = await api.call("getModel", { params: modelParams(subject) });
      if (isJson()) return terminal.json(model);
      terminal.line(`Made ${model.id} (${model.quantization?.label ?? "quantized"}, ${formatBytes(model.sizeBytes)}).`);
      terminal.note(`Try it: mlx-manager run ${model.id}`);
    });
}
