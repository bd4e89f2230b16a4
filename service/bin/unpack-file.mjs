import { createReadStream } from "node:fs";
import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { SetupError } from "./setup-error.mjs";

/**
 * Checks a package of the npm registry against its pinned integrity ("sha512-<base64>").
 * @throws {SetupError} when the bytes are others than the pinned ones
 */
export async function verifyIntegrity(file, integrity) {
  const [algorithm, expected] = splitOnce(integrity, "-");
  const hash = createHash(algorithm);
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  const actual = hash.digest("base64");
  if (actual !== expected) {
    throw new SetupError(
      `the Node package from the registry is not the pinned one (${algorithm} ${actual} instead of ${expected}) and was ` +
        "refused. Check the registry or proxy in your npm configuration (npm config get registry) and run this again.",
    );
  }
}

/**
 * Picks single files out of an npm tarball. Node brings no tar reader and small images have no `tar`; the few lines are
 * enough for npm's own archives, whose entries all lie below one first folder ("package/").
 * @param {Buffer} archive the gzipped archive
 * @param {string[]} wanted paths below the first folder
 * @returns {Map<string, Buffer>} those that exist
 */
export function unpackFiles(archive, wanted) {
  const bytes = gunzipSync(archive);
  const found = new Map();
  for (let offset = 0; offset + 512 <= bytes.length && bytes[offset] !== 0;) {
    const header = bytes.subarray(offset, offset + 512);
    const size = Number.parseInt(text(header, 124, 12), 8) || 0;
    const [, path] = splitOnce([text(header, 345, 155), text(header, 0, 100)].filter(Boolean).join("/"), "/");
    const isFile = header[156] === 0 || header[156] === 0x30;
    if (isFile && wanted.includes(path)) found.set(path, bytes.subarray(offset + 512, offset + 512 + size));
    offset += 512 + Math.ceil(size / 512) * 512;
  }
  return found;
}

function text(header, start, length) {
  const field = header.subarray(start, start + length);
  const end = field.indexOf(0);
  return field
    .subarray(0, end === -1 ? length : end)
    .toString("utf8")
    .trim();
}

function splitOnce(value, separator) {
  const at = value.indexOf(separator);
  return at === -1 ? ["", value] : [value.slice(0, at), value.slice(at + separator.length)];
}
