import express from "express";
import type { RequestHandler } from "express";
import { AppError } from "../errors.ts";

export const bodyLimitBytes = 32 * 1024 * 1024;

/** Reads a JSON body: 413 over 32 MiB, 415 for other types, 400 for what is not JSON. An absent body is undefined. */
export function jsonBody(): RequestHandler[] {
  const parse = express.json({ limit: bodyLimitBytes, strict: false, type: () => true });
  return [
    (request, _response, next) => {
      const type = request.headers["content-type"];
      const length = Number(request.headers["content-length"] ?? 0);
      // Refused before a byte is read, so that a client which waits for us does not send it all.
      if (length > bodyLimitBytes) throw tooLarge();
      const isJson = type !== undefined && /^application\/([a-z0-9.+-]+\+)?json\s*(;|$)/i.test(type);
      const hasBody = length > 0 || request.headers["transfer-encoding"] !== undefined;
      if (hasBody && !isJson) throw new AppError("unsupported_media_type", "Send the body as application/json.");
      next();
    },
    parse,
  ];
}

export function tooLarge(): AppError {
  return new AppError("payload_too_large", "The body is larger than 32 MiB.", {
    details: { limitBytes: bodyLimitBytes },
  });
}
