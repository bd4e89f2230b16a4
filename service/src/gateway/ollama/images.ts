import { AppError } from "../../platform/errors.ts";

/** How files begin, as bytes in Latin-1. */
const kinds = [
  { type: "image/png", pattern: /^\x89PNG\r\n/ },
  { type: "image/jpeg", pattern: /^\xff\xd8\xff/ },
  { type: "image/gif", pattern: /^GIF8[79]a/ },
  { type: "image/webp", pattern: /^RIFF[^]{4}WEBP/ },
  { type: "image/bmp", pattern: /^BM/ },
  { type: "image/tiff", pattern: /^(?:II\*\0|MM\0\*)/ },
] as const;

/**
 * Ollama's images are base64 without a type, so it is read from the first bytes.
 * @returns a data URI. @throws AppError `invalid_request`
 */
export function imageUri(given: string): string {
  // Some clients send what browsers give them.
  const text = given.replace(/^data:[^,]{0,100};base64,/, "").replace(/\s+/g, "");
  const start = Buffer.from(text.slice(0, 32), "base64").toString("latin1");
  const kind = kinds.find(({ pattern }) => pattern.test(start));
  if (kind === undefined || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) {
    throw new AppError("invalid_request", "An image must be a PNG, JPEG, GIF, WebP, BMP or TIFF file as base64.", {
      details: { param: "images" },
    });
  }
  return `data:${kind.type};base64,${text}`;
}
