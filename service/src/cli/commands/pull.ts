import { Option } from "commander";
import type { Command } from "commander";
import { DownloadPriority } from "../../contract/downloads.ts";
import type { Download, DownloadCreate } from "../../contract/downloads.ts";
import type * as z from "zod";
import type { Client } from "../api/client.ts";
import { everyPage } from "../api/every-page.ts";
import { followEvents } from "../api/follow-events.ts";
import { CommandError, interruptedError, notFoundError } from "../command-error.ts";
import { createDownloadProgress } from "../download-progress.ts";
import { formatDuration } from "../format/duration.ts";
import { formatBytes } from "../format/size.ts";
import { parseModelReference } from "../model-reference.ts";
import type { Runtime } from "../runtime.ts";

interface PullOptions {
  readonly cancel?: boolean;
  readonly priority?: DownloadPriority;
}

export function addPull(program: Command, runtime: Runtime): void {
  const { terminal, isJson, client } = runtime;
  program
    .command("pull")
    .description("download a model; Ctrl-C pauses, the same command resumes")
    .argument("<model>", "owner/name or owner/name@revision")
    .option("--cancel", "give the download up and remove what it left")
    .addOption(new Option("--priority <priority>", "its place among others").choices(DownloadPriority.options))
    .action(async (reference: string, { cancel, priority }: PullOptions) => {
      const { id, revision } = parseModelReference(reference);
      if (cancel === true) return cancelDownload(runtime, id, revision);
      const startedAt = performance.now();
      const download = await pullModel(runtime, client(), {
        model: id,
        ...(revision ? { revision } : {}),
        ...(priority ? { priority } : {}),
      });
      if (isJson()) return terminal.json(download);
      terminal.line(`Downloaded ${id}: ${formatBytes(download.bytesTotal)}${tookSince(startedAt)}.`);
      terminal.note(`Chat with it: mlx-manager run ${id}`);
    });
}

type Wanted = Pick<z.input<typeof DownloadCreate>, "model" | "revision" | "priority">;

/** Downloads a model and shows how it goes, as `followDownload` does. */
export function pullModel(runtime: Runtime, api: Client, wanted: Wanted): Promise<Download> {
  const again = `mlx-manager pull ${wanted.model}${wanted.revision === undefined ? "" : `@${wanted.revision}`}`;
  return followDownload(runtime, api, { begin: () => beginDownload(api, wanted), again });
}

interface Following {
  /** Asked once the events are heard. */
  readonly begin: () => Promise<Download>;
  /** The command that goes on where this one ended. */
  readonly again: string;
}

/** @throws CommandError when it fails or stays paused; `interrupted` after Ctrl-C, with the download paused. */
export async function followDownload(
  { terminal, interrupts, isJson }: Runtime,
  api: Client,
  { begin, again }: Following,
): Promise<Download> {
  const following = new AbortController();
  const show = isJson() ? () => undefined : createDownloadProgress(terminal);
  let current: Download | null = null;
  let beginning: Promise<Download> | null = null;
  let isInterrupted = false;
  const pause = async (): Promise<void> => {
    // Also when the service has not answered yet: what was asked for is on its way and must not go on unseen.
    if (beginning !== null) await api.call("pauseDownload", { params: { id: (await beginning).id } });
  };
  const release = interrupts.listen(() => {
    if (isInterrupted) return following.abort();
    isInterrupted = true;
    pause().then(
      () => following.abort(),
      (error: unknown) => following.abort(error),
    );
  });
  try {
    for await (const event of followEvents(api, ["downloads"], following.signal)) {
      if (event.type === "snapshot") current = await (beginning = begin());
      else if (event.type === "download.changed" || event.type === "download.progress") {
        if (event.data.id === current?.id) current = event.data;
      }
      if (current === null) continue;
      // A pause of ours is told once it is answered.
      if (!isInterrupted) show(current);
      if (current.state === "completed") return current;
      if (!isInterrupted) throwIfOver(current, again);
    }
    const reason: unknown = following.signal.reason;
    if (reason instanceof CommandError) throw reason;
    throw interruptedError(current === null ? "Stopped." : `Paused${shareOf(current)}. Resume: ${again}`);
  } finally {
    release();
    following.abort();
    terminal.status("");
  }
}

/** Starts it, joins the one under way, or takes up a paused one. */
async function beginDownload(api: Client, wanted: Wanted): Promise<Download> {
  const download = await api.call("createDownload", { body: wanted });
  // One that was under way keeps its place unless another was asked for.
  if (wanted.priority !== undefined && wanted.priority !== download.priority)
    await api.call("updateDownload", { params: { id: download.id }, body: { priority: wanted.priority } });
  return download.state === "paused" ? api.call("resumeDownload", { params: { id: download.id } }) : download;
}

function throwIfOver({ state, error, pauseReason, model }: Download, again: string): void {
  if (state === "failed") {
    const message = error?.message ?? `The download of ${model} failed.`;
    throw new CommandError(error?.code ?? "internal", `${message} Then: ${again}`, { details: error?.details });
  }
  if (state === "cancelled") throw new CommandError("conflict", `The download was cancelled. Start anew: ${again}`);
  if (state !== "paused") return;
  if (pauseReason === "disk_full") {
    throw new CommandError("disk_full", `The disk is full; the download is paused. Free space, then resume: ${again}`);
  }
  throw new CommandError("conflict", `The download was paused elsewhere. Resume: ${again}`);
}

async function cancelDownload({ terminal, isJson, client }: Runtime, model: string, revision?: string): Promise<void> {
  const api = client();
  const { items } = await everyPage((query) => api.call("listDownloads", { query: { ...query, active: true } }));
  const found = items.find((item) => item.model === model && (revision === undefined || item.revision === revision));
  if (!found) throw notFoundError(`No download of ${model} is under way.`);
  const cancelled = await api.call("cancelDownload", { params: { id: found.id } });
  if (isJson()) terminal.json(cancelled);
  else terminal.line(`Cancelled the download of ${model}.`);
}

function shareOf({ bytesDone, bytesTotal }: Download): string {
  return bytesTotal === null || bytesTotal === 0 ? "" : ` at ${Math.floor((bytesDone / bytesTotal) * 100)} %`;
}

function tookSince(startedAt: number): string {
  const seconds = (performance.now() - startedAt) / 1000;
  return seconds >= 1 ? ` in ${formatDuration(seconds)}` : "";
}
