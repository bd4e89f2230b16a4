import type { Command } from "commander";
import { printMeasured } from "../format/measured.ts";
import { modelParams, parseModelReference } from "../model-reference.ts";
import type { Runtime } from "../runtime.ts";
import { runJob } from "../wait-for-job.ts";

export function addProbe(program: Command, runtime: Runtime): void {
  const { terminal, isJson, client } = runtime;
  program
    .command("probe")
    .description("run a model once and record what it can do, how fast, and in how much memory")
    .argument("<model>", "owner/name")
    .action(async (reference: string) => {
      const { id } = parseModelReference(reference);
      const api = client();
      const params = modelParams(id);
      await runJob(runtime, api, () => api.call("probeModel", { params, query: {} }));
      const model = await api.call("getModel", { params });
      if (isJson()) return terminal.json(model);
      printMeasured(terminal, model);
    });
}
