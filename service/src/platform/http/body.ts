import type { IncomingMessage, ServerResponse } from "node:http";
import type { RequestHandler } from "express";
import { AppError } from "../errors.ts";

export const bodyLimitBytes = 32 * 1024 * 1024;

/** Reads a JSON body into `request.body`, as `readJson`. */
export function jsonBody(): RequestHandler[] {
  return bodyReader(false);
}

/** As `jsonBody`, but takes an HTML form too: its fields as text, or as a list where a field is repeated. */
export function jsonOrFormBody(): RequestHandler[] {
  return bodyReader(true);
}

function bodyReader(takesForm: boolean): RequestHandler[] {
  return [
    async (request, response, next) => {
      request.body = await readJson(request, response, { takesForm });
      next();
    },
  ];
}

/**
 * A JSON body: 413 over 32 MiB, 415 for other types, 400 for what is not JSON. An absent body is undefined.
 * The refusal comes as soon as it is certain, and the rest is read away: a client that still sends gets its answer
 * instead of a reset, and its connection stays good. Library readers answer only after the last byte.
 */
export async function readJson(
  request: IncomingMessage,
  response: ServerResponse,
  { takesForm = false }: { readonly takesForm?: boolean } = {},
): Promise<unknown> {
  const { headers } = request;
  const type = headers["content-type"] ?? "";
  const length = Number(headers["content-length"] ?? 0);
  if (length > bodyLimitBytes) throw tooLarge();
  if (length === 0 && headers["transfer-encoding"] === undefined) return undefined;
  const isForm = takesForm && /^application\/x-www-form-urlencoded\s*(;|$)/i.test(type);
  if (!isForm && !isJson(type)) throw new AppError("unsupported_media_type", "Send the body as application/json.");
  if ((headers["content-encoding"] ?? "identity") !== "identity")
    throw new AppError("unsupported_media_type", "Send the body uncompressed.");
  // A client that asked first sends its body only now, so a refused one is never sent at all.
  if (headers.expect?.toLowerCase() === "100-continue") response.writeContinue();
  const body = await readBody(request, length);
  return isForm ? parseForm(body) : parse(body);
}

export function tooLarge(): AppError {
  return new AppError("payload_too_large", "The body is larger than 32 MiB.", {
    details: { limitBytes: bodyLimitBytes },
  });
}

function isJson(type: string): boolean {
  if (type === "application/json") return true;
  const [, charset] = /^application\/(?:[a-z0-9.+-]+\+)?json\s*(?:;\s*charset="?([^";\s]+)"?\s*)?(?:;|$)/i.exec(
    type,
  ) ?? [null, null];
  return charset !== null && (charset === undefined || /^utf-?8$/i.test(charset));
}

/** @param length as it was announced; 0: not announced. With it, nobody waits for more than the last byte. */
function readBody(request: IncomingMessage, length: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const done = (): void => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      chunks.push(chunk);
      if (size === length) return done();
      if (size <= bodyLimitBytes) return;
      request.off("data", onData);
      request.resume();
      chunks.length = 0;
      reject(tooLarge());
    };
    request.on("data", onData);
    request.once("end", done);
    request.once("error", (error) =>
      reject(new AppError("invalid_request", "The request could not be read.", { cause: error })),
    );
  });
}

function parseForm(bytes: Buffer): Record<string, string | string[]> {
  const form = new URLSearchParams(bytes.toString("utf8"));
  return Object.fromEntries(
    [...new Set(form.keys())].map((name) => {
      const values = form.getAll(name);
      return [name, values.length === 1 ? (values[0] ?? "") : values];
    }),
  );
}

const decoder = new TextDecoder("utf-8", { fatal: true });

function parse(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
  try {
    return JSON.parse(decoder.decode(bytes)) as unknown;
  } catch (error) {
    throw new AppError("invalid_request", "The body is not valid JSON.", { cause: error });
  }
}
