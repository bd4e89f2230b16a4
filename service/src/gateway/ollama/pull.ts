import type { ServerResponse } from "node:http";
import { ModelId, Revision } from "../../contract/common.ts";
import type { Download } from "../../contract/downloads.ts";
import type { OllamaPullLine } from "../../contract/ollama.ts";
import { AppError, isAppError } from "../../platform/errors.ts";
import type { OllamaDependencies } from "./dependencies.ts";
import { ollamaErrorBody } from "./errors.ts";
import { followDownload } from "./follow-download.ts";

export interface PullWish {
  readonly name: string | null;
  readonly stream: boolean;
  /** Aborts when the client leaves: the download goes on. */
  readonly signal: AbortSignal;
}

type PullDependencies = Pick<OllamaDependencies, "clock" | "downloads" | "events" | "log" | "models" | "profiles"> &
  Partial<Pick<OllamaDependencies, "stopping">>;

/** `POST /api/pull`, streamed or whole. @throws AppError before the first line; later failures are a line of their own. */
export async function pullModel(
  dependencies: PullDependencies,
  { name, stream, signal }: PullWish,
  response: ServerResponse,
): Promise<void> {
  const lines = pullLines(dependencies, name, signal);
  // What is refused at once keeps its own status.
  const first = await lines.next();
  if (!stream) {
    for await (const _line of lines);
    if (!signal.aborted) sendJson(response, { status: "success" });
    return;
  }
  response.writeHead(200, { "content-type": "application/x-ndjson", "cache-control": "no-store" });
  const beat = heartbeat(dependencies, response);
  try {
    if (!first.done) write(response, first.value);
    for await (const line of lines) write(response, line);
    response.end();
  } catch (error) {
    if (signal.aborted) return;
    if (!isAppError(error)) dependencies.log.error({ error }, "a pull could not be followed");
    const known = isAppError(error) ? error : new AppError("internal", "Internal error. See the service log.");
    response.end(`${JSON.stringify(ollamaErrorBody(known))}\n`);
  } finally {
    beat.stop();
  }
}

async function* pullLines(
  dependencies: PullDependencies,
  name: string | null,
  signal: AbortSignal,
): AsyncGenerator<OllamaPullLine> {
  const { downloads, models } = dependencies;
  const { model, revision } = wishOf(dependencies, name);
  const present = models.find(model);
  if (present !== null && present.source !== "hub-cache") {
    // Of its own kind: there is nothing to be fetched, and it is wholly here.
    yield { status: "pulling manifest" };
    yield { status: "success" };
    return;
  }
  const { download } = downloads.create({ model, revision });
  if (download.state === "paused") await downloads.resume(download.id);
  yield { status: "pulling manifest" };
  for await (const state of followDownload(dependencies, download.id, signal)) yield* linesOf(state);
}

/** What clients show of a download: one file of that many bytes, under the name of its commit. */
function* linesOf(download: Download): Generator<OllamaPullLine> {
  const { state, commit, bytesTotal, bytesDone, bytesVerified, pauseReason, error } = download;
  if (state === "failed") throw new AppError(error?.code ?? "internal", error?.message ?? "The download failed.");
  if (state === "cancelled") throw new AppError("conflict", "The download was cancelled. Pull it again.");
  if (state === "queued" || state === "planning") return;
  if (state === "paused") {
    yield { status: pauseReason === "disk_full" ? "paused: the disk is full" : "paused" };
    return;
  }
  const digest = `commit:${commit ?? download.id}`;
  const total = bytesTotal ?? 0;
  if (state === "completed") {
    yield { status: `pulling ${digest.slice(7, 19)}`, digest, total, completed: total };
    yield { status: "success" };
  } else if (state === "downloading") {
    yield { status: `pulling ${digest.slice(7, 19)}`, digest, total, completed: bytesDone };
  } else if (state === "verifying") yield { status: "verifying checksums", digest, total, completed: bytesVerified };
  else yield { status: "writing manifest" };
}

/**
 * A repository of the Hub, with `hf.co/` before it and `:latest` or `@revision` behind it as clients write them, or a
 * name that means a model already. @throws AppError `invalid_request`
 */
function wishOf({ profiles }: PullDependencies, name: string | null): { model: string; revision: string } {
  if (name === null || name === "") throw new AppError("invalid_request", 'Name the model in "model".');
  const bare = name.replace(/^(?:https?:\/\/)?(?:hf\.co|huggingface\.co)\//, "").replace(/:latest$/, "");
  const [id = "", ref = "main", ...rest] = bare.split("@");
  const isWhole = ModelId.safeParse(id).success && Revision.safeParse(ref).success && rest.length === 0;
  if (isWhole) return { model: id, revision: ref };
  try {
    const { profile, revision } = profiles.resolve(name);
    if (profile.remote === null) return { model: profile.model, revision };
  } catch (error) {
    if (!isAppError(error) || error.code !== "model_not_found") throw error;
  }
  const message = `${name.slice(0, 200)} is no model of the Hub. Name one as owner/name, such as mlx-community/Qwen3-4B-4bit.`;
  throw new AppError("invalid_request", message, { details: { param: "model" } });
}

/** How far it is may be left out for a client that does not read; what is said once may not. */
function write(response: ServerResponse, line: OllamaPullLine): void {
  if (response.writableNeedDrain && line.total !== undefined) return;
  response.write(`${JSON.stringify(line)}\n`);
}

const beatMs = 10_000;

/** A space, for the reason that `createLineWriter` names: proxies and clients end what is silent for long. */
function heartbeat({ clock }: PullDependencies, response: ServerResponse): { stop: () => void } {
  let stop: () => void = () => undefined;
  const beat = (): void => {
    stop = clock.after(beatMs, () => {
      if (!response.destroyed && !response.writableNeedDrain) response.write(" ");
      beat();
    });
  };
  beat();
  return { stop: () => stop() };
}

function sendJson(response: ServerResponse, body: object): void {
  response.writeHead(200, { "content-type": "application/json; charset=utf-8" });
  response.end(JSON.stringify(body));
}
