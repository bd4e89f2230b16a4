import { readFileSync } from "node:fs";
import * as z from "zod";
import type { System } from "../../contract/system.ts";
import { CommandError } from "../command-error.ts";
import { pullModel } from "../commands/pull.ts";
import { formatBytes, formatMemory } from "../format/size.ts";
import { modelParams } from "../model-reference.ts";
import type { Runtime } from "../runtime.ts";
import { runEngineJob } from "../wait-for-job.ts";
import { fail, ok, skipped, warn } from "./check.ts";
import type { Check, Finding } from "./check.ts";
import { ask, endTrial, killEngine, measure, startTrial } from "./trial.ts";
import type { Trial } from "./trial.ts";

export const demoModel = "mlx-manager/demo";

const Questions = z.object({ plain: z.array(z.object({ question: z.string(), answer: z.string() })).min(1) });

type Run = (name: string, look: () => Promise<Finding> | Finding) => Promise<Check>;

export interface FullOptions {
  /** What to download; left out: the smallest of the Hub's most downloaded. */
  readonly model: string | undefined;
  readonly system: System;
}

/** The product's own acceptance on this machine. It leaves behind what was there before. */
export async function runFullChecks(runtime: Runtime, run: Run, options: FullOptions): Promise<Check[]> {
  const checks: Check[] = [];
  const engine = await run("engine installed", () => installEngine(runtime));
  checks.push(engine);
  const demo: { trial: Trial | null } = { trial: null };
  const sample = readSample(runtime.demoQuestions);
  try {
    const isUsable = engine.status !== "fail";
    const dependent = (name: string, look: () => Promise<Finding>, isReady: () => boolean) =>
      run(name, () => (isReady() ? look() : skipped("needs what failed before"))).then((check) => checks.push(check));
    await dependent(
      "demo model answers",
      async () => {
        demo.trial = await startTrial(runtime, demoModel);
        const answer = await ask(runtime, demoModel, sample.question);
        return answer.trim() === sample.answer
          ? ok(`"${sample.question}" is answered word for word`)
          : fail(
              `"${sample.question}" was answered "${answer.slice(0, 200)}"`,
              "Remove the engine and install it again.",
            );
      },
      () => isUsable,
    );
    await dependent(
      "memory of the engine",
      async () =>
        demo.trial === null
          ? fail("the demo model does not run", "Report this.")
          : compareMemory(demo.trial, await measure(runtime, demo.trial.server.id)),
      () => demo.trial !== null,
    );
    await dependent(
      "kill and recover",
      () => killAndRecover(runtime, demo.trial, sample),
      () => demo.trial !== null,
    );
    checks.push(...(await tryDownload(runtime, run, options, isUsable)));
  } finally {
    await endTrial(runtime, demo.trial);
  }
  return checks;
}

async function installEngine(runtime: Runtime): Promise<Finding> {
  const { items } = await runtime.client().call("listEngines", {});
  const [engine] = items;
  if (!engine) return fail("this release knows none", "Install MLX Manager again.");
  if (engine.state === "installed") return ok(`${engine.id} ${engine.version ?? ""} was here`);
  if (engine.state === "unsupported") return fail(engine.reason?.message ?? "unsupported", "Use another machine.");
  await runEngineJob({ ...runtime, isJson: () => true }, runtime.client(), "installEngine", engine.id);
  return ok(`${engine.id} ${engine.availableVersion} installed`);
}

async function killAndRecover(
  runtime: Runtime,
  trial: Trial | null,
  sample: { question: string; answer: string },
): Promise<Finding> {
  if (trial === null) return skipped("the demo model does not run");
  if (!/^http:\/\/(127\.|localhost|\[::1\])/.test(runtime.connection().address))
    return skipped("the service is elsewhere");
  const server = await runtime.client().call("getServer", { params: { id: trial.server.id } });
  if (server.state !== "ready" || server.pid === null) return fail(`the server is ${server.state}`, "Report this.");
  const reason = await killEngine(runtime, server);
  if (reason === null) return fail("the server's row does not say that its engine was killed", "Report this.");
  const answer = await ask(runtime, demoModel, sample.question);
  return answer.trim() === sample.answer
    ? ok(`killed, told as "${reason}", and the next request was answered`)
    : fail(`the request after it was answered "${answer.slice(0, 200)}"`, "Report this.");
}

/** Download and verify, then predicted against measured memory of a real model. */
async function tryDownload(
  runtime: Runtime,
  run: Run,
  { model, system }: FullOptions,
  isEngineUsable: boolean,
): Promise<Check[]> {
  if (system.offline) return [await run("download and verify", () => skipped("offline"))];
  const { client } = runtime;
  const state: { id: string | null; wasHere: boolean; trial: Trial | null } = { id: null, wasHere: true, trial: null };
  try {
    const download = await run("download and verify", async () => {
      const id = model ?? (await findSmallModel(runtime));
      if (id === null) return skipped("no small model found; name one with --model");
      state.wasHere = await isHere(runtime, id);
      const done = await pullModel({ ...runtime, isJson: () => true }, client(), { model: id });
      state.id = id;
      const local = await client().call("getModel", { params: modelParams(id) });
      if (!local.complete) return fail(`${id} is not whole afterwards`, `mlx-manager pull ${id}`);
      return ok(
        `${id}, ${formatBytes(done.bytesTotal ?? local.sizeBytes)}${state.wasHere ? ", was here and checked" : ", every checksum right"}`,
      );
    });
    const memory = await run("predicted and measured memory", async () => {
      if (state.id === null || !isEngineUsable) return skipped("needs a downloaded model and an engine");
      state.trial = await startTrial(runtime, state.id);
      const answer = await ask(runtime, state.id, "Say hello.");
      if (answer.trim() === "") return fail("the model said nothing", `mlx-manager logs ${state.trial.server.id}`);
      return compareMemory(state.trial, await measure(runtime, state.trial.server.id));
    });
    return [download, memory];
  } finally {
    await endTrial(runtime, state.trial);
    if (state.id !== null && !state.wasHere) await client().call("deleteModel", { params: modelParams(state.id) });
  }
}

/** A prediction counts with a whole context, and a few words use little of it: only too little is a fault. */
function compareMemory({ model: { fit } }: Trial, measured: number | null): Finding {
  if (measured === null) return fail("no reading came", "Report this.");
  const { neededBytes, contextTokens } = fit;
  if (neededBytes === null)
    return warn(
      `${formatMemory(measured)} measured`,
      "The size of the weights is not known, so nothing was predicted.",
    );
  const text = `${formatMemory(measured)} measured, ${formatMemory(neededBytes)} predicted for ${contextTokens} tokens`;
  return measured <= neededBytes ? ok(text) : warn(text, "The prediction is too low for this model: report this.");
}

async function isHere({ client }: Runtime, id: string): Promise<boolean> {
  try {
    return (await client().call("getModel", { params: modelParams(id) })).complete;
  } catch (error) {
    if (error instanceof CommandError && error.code === "model_not_found") return false;
    throw error;
  }
}

/** Of the most downloaded ones the smallest that is free to download and can chat. */
async function findSmallModel({ client }: Runtime): Promise<string | null> {
  const { items } = await client().call("searchHub", { query: { sort: "downloads", limit: 100 } });
  const fit = items.filter(({ gated, sizeBytes, capabilities }) => {
    return gated === "no" && sizeBytes !== null && sizeBytes < 1e9 && capabilities.includes("chat");
  });
  return fit.sort((one, other) => (one.sizeBytes ?? 0) - (other.sizeBytes ?? 0))[0]?.id ?? null;
}

function readSample(path: string): { question: string; answer: string } {
  const { plain } = Questions.parse(JSON.parse(readFileSync(path, "utf8")));
  const [first] = plain;
  if (!first) throw new Error("The demo model's questions are empty.");
  return plain.find(({ question }) => question === "What is MLX Manager?") ?? first;
}
