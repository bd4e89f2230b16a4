import { createHash } from "node:crypto";
import { open, stat } from "node:fs/promises";

import { fillGenerated } from "./generated-bytes.ts";
import type { FileContent } from "./repo-definition.ts";

/** Random-access bytes. `open` gives one reader per response, which its user closes. */
export interface ByteSource {
  size: number;
  open(): Promise<ByteReader>;
}

export interface ByteReader {
  /** Fills as much of `target` as there is from `position` on; answers the number of bytes. */
  read(target: Buffer, position: number): Promise<number> | number;
  close(): Promise<void>;
}

export async function byteSource(content: FileContent): Promise<ByteSource> {
  if (typeof content === "string" || Buffer.isBuffer(content)) return bufferSource(Buffer.from(content));
  if ("path" in content) return fileSource(content.path, (await stat(content.path)).size);
  return generatedSource(content.size, content.seed);
}

/** Hash a whole source; yields to the event loop between pieces. `prefix` is hashed first. */
export async function digest(source: ByteSource, algorithm: "sha1" | "sha256", prefix = ""): Promise<string> {
  const hash = createHash(algorithm).update(prefix);
  const reader = await source.open();
  const piece = Buffer.allocUnsafe(Math.min(4 * 1024 * 1024, Math.max(1, source.size)));
  for (let position = 0; position < source.size;) {
    const count = await reader.read(piece, position);
    if (count === 0) throw new Error(`A file of ${source.size} bytes ended at ${position}`);
    hash.update(piece.subarray(0, count));
    position += count;
    await new Promise((resolve) => setImmediate(resolve));
  }
  await reader.close();
  return hash.digest("hex");
}

export function bufferSource(bytes: Buffer): ByteSource {
  const read = (target: Buffer, position: number): number => bytes.copy(target, 0, position);
  return { size: bytes.length, open: async () => ({ read, close: async () => {} }) };
}

function generatedSource(size: number, seed: number): ByteSource {
  const read = (target: Buffer, position: number): number => {
    const count = Math.min(target.length, size - position);
    fillGenerated(target.subarray(0, count), seed, position);
    return count;
  };
  return { size, open: async () => ({ read, close: async () => {} }) };
}

function fileSource(path: string, size: number): ByteSource {
  return {
    size,
    open: async () => {
      const handle = await open(path, "r");
      return {
        read: async (target, position) => (await handle.read(target, 0, target.length, position)).bytesRead,
        close: () => handle.close(),
      };
    },
  };
}
