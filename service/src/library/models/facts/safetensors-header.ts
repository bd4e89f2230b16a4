import { open } from "node:fs/promises";
import * as z from "zod";
import type { Tensor } from "./parameters.ts";

export interface SafetensorsHeader {
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** How long the file must be; shorter means it was cut. */
  readonly sizeBytes: number;
}

const headerLimitBytes = 100 * 1024 * 1024;
const tensorSchema = z.object({
  dtype: z.string(),
  shape: z.array(z.number().int().nonnegative()),
  data_offsets: z.tuple([z.number().int().nonnegative(), z.number().int().nonnegative()]),
});

/** Reads names and shapes from the head of a file; null when it is no safetensors file. */
export async function readSafetensorsHeader(path: string): Promise<SafetensorsHeader | null> {
  const file = await open(path, "r");
  try {
    const head = Buffer.alloc(8);
    if ((await file.read(head, 0, 8, 0)).bytesRead < 8) return null;
    const length = Number(head.readBigUInt64LE());
    if (length < 2 || length > headerLimitBytes) return null;
    const text = Buffer.alloc(length);
    if ((await file.read(text, 0, length, 8)).bytesRead < length) return null;
    return parseHeader(text.toString("utf8"), 8 + length);
  } finally {
    await file.close();
  }
}

function parseHeader(text: string, headBytes: number): SafetensorsHeader | null {
  const json = z.string().transform((value, context) => {
    try {
      return JSON.parse(value) as unknown;
    } catch (error) {
      context.issues.push({ code: "custom", message: String(error), input: value });
      return z.NEVER;
    }
  });
  const parsed = json.pipe(z.record(z.string(), z.unknown())).safeParse(text);
  if (!parsed.success) return null;
  const tensors = new Map<string, Tensor>();
  let end = 0;
  for (const [name, value] of Object.entries(parsed.data)) {
    if (name === "__metadata__") continue;
    const tensor = tensorSchema.safeParse(value);
    if (!tensor.success) return null;
    const { dtype, shape, data_offsets: offsets } = tensor.data;
    tensors.set(name, { dtype, shape });
    end = Math.max(end, offsets[1]);
  }
  return { tensors, sizeBytes: headBytes + end };
}
