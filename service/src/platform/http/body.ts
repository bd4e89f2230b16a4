import type { Request, RequestHandler } from "express";
import { AppError } from "../errors.ts";

export const bodyLimitBytes = 32 * 1024 * 1024;

/**
 * Reads a JSON body: 413 over 32 MiB, 415 for other types, 400 for what is not JSON. An absent body is undefined.
 * The refusal comes as soon as it is certain, and the rest is read away: a client that still sends gets its answer
 * instead of a reset, and its connection stays good. Library readers answer only after the last byte.
 */
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
      const { "content-type": type, "content-length": length, expect, ...headers } = request.headers;
      if (Number(length ?? 0) > bodyLimitBytes) throw tooLarge();
      const hasBody = Number(length ?? 0) > 0 || headers["transfer-encoding"] !== undefined;
      if (!hasBody) return next();
      const isForm = takesForm && /^application\/x-www-form-urlencoded\s*(;|$)/i.test(type ?? "");
      if (!isForm && !isJson(type)) throw new AppError("unsupported_media_type", "Send the body as application/json.");
      if ((headers["content-encoding"] ?? "identity") !== "identity")
        throw new AppError("unsupported_media_type", "Send the body uncompressed.");
      // A client that asked first sends its body only now, so a refused one is never sent at all.
      if (expect?.toLowerCase() === "100-continue") response.writeContinue();
      const body = await readBody(request);
      request.body = isForm ? parseForm(body) : parse(body);
      next();
    },
  ];
}

export function tooLarge(): AppError {
  return new AppError("payload_too_large", "The body is larger than 32 MiB.", {
    details: { limitBytes: bodyLimitBytes },
  });
}

function isJson(type: string | undefined): boolean {
  const [, charset] = /^application\/(?:[a-z0-9.+-]+\+)?json\s*(?:;\s*charset="?([^";\s]+)"?\s*)?(?:;|$)/i.exec(
    type ?? "",
  ) ?? [null, null];
  return charset !== null && (charset === undefined || /^utf-?8$/i.test(charset));
}

function readBody(request: Request): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      chunks.push(chunk);
      if (size <= bodyLimitBytes) return;
      request.off("data", onData);
      request.resume();
      chunks.length = 0;
      reject(tooLarge());
    };
    request.on("data", onData);
    request.once("end", () => resolve(Buffer.concat(chunks)));
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

function parse(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as unknown;
  } catch (error) {
    throw new AppError("invalid_request", "The body is not valid JSON.", { cause: error });
  }
}
