import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "../../platform/clock.ts";
import { answerFor } from "./file-request.ts";
import { sendPart } from "./send-file.ts";
import type { SendOptions } from "./send-file.ts";
import type { MirrorFile } from "./service.ts";

export interface AnswerFileOptions {
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly reading: SendOptions["reading"];
  /** Whether a commit was asked for: its files never change. */
  readonly isPinned: boolean;
}

/** Answers `GET` and `HEAD` of one file with the headers that clients of the Hub take its facts from. */
export async function answerFile(
  found: MirrorFile,
  request: IncomingMessage,
  response: ServerResponse,
  { signal, clock, reading, isPinned }: AnswerFileOptions,
): Promise<void> {
  const { commit, file } = found;
  const { range, "if-range": ifRange, "if-none-match": ifNoneMatch } = request.headers;
  const conditions = { range, ifRange: headerText(ifRange), ifNoneMatch };
  const answer = answerFor(conditions, file.blobId, file.sizeBytes);
  const headers: Record<string, string | number> = {
    etag: `"${file.blobId}"`,
    "accept-ranges": "bytes",
    "x-repo-commit": commit,
    "x-linked-size": file.sizeBytes,
    "x-linked-etag": `"${file.blobId}"`,
    "cache-control": isPinned ? "private, max-age=31536000, immutable" : "private, no-cache",
    // Models hold whatever their authors put there: a browser must store it, never show it as a page of ours.
    ...{ "content-type": "application/octet-stream", "x-content-type-options": "nosniff" },
    "content-disposition": disposition(file.path),
  };
  if (answer.status === 304) return void response.writeHead(304, headers).end();
  if (answer.status === 416) {
    const empty = { "content-range": `bytes */${file.sizeBytes}`, "content-length": 0 };
    return void response.writeHead(416, { ...headers, ...empty }).end();
  }
  const { status, start, end } = answer;
  headers["content-length"] = end - start;
  if (status === 206) headers["content-range"] = `bytes ${start}-${end - 1}/${file.sizeBytes}`;
  if (request.method === "HEAD") return void response.writeHead(status, headers).end();
  const { handle, release } = await found.open();
  try {
    response.writeHead(status, headers);
    await sendPart(handle, response, { start, end, signal, clock, reading });
  } finally {
    await release();
  }
}

function headerText(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(", ") : value;
}

/** By RFC 6266: the name in UTF-8, and beside it one for old clients. */
function disposition(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const plain = name.replace(/[^\x20-\x7e]|["\\]/g, "_");
  const encoded = encodeURIComponent(name).replace(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
