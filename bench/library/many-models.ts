import { createHash } from "node:crypto";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { safetensors } from "../../test/fixtures/safetensors-file.ts";

const digest = (algorithm: string, content: string | Buffer): string =>
  createHash(algorithm).update(content).digest("hex");

/** A Hub cache with this many small models as Python's client leaves them: blobs, links, lists and refs. */
export function writeManyModels(cache: string, count: number): void {
  for (let index = 0; index < count; index += 1) writeModel(cache, index);
}

export function writeModel(cache: string, index: number): void {
  const repository = join(cache, `models--own-${index % 50}--model-${index}-4bit`);
  const commit = digest("sha1", `commit ${index}`);
  const snapshot = join(repository, "snapshots", commit);
  for (const folder of [snapshot, join(repository, "blobs"), join(repository, "refs"), join(repository, "trees")])
    mkdirSync(folder, { recursive: true });
  const files: Record<string, string | Buffer> = {
    "README.md": `# Model ${index}`,
    "config.json": JSON.stringify({ model_type: "qwen3", index, quantization: { group_size: 64, bits: 4 } }),
    "tokenizer_config.json": JSON.stringify({ chat_template: "{{ messages }}", index }),
    "tokenizer.json": JSON.stringify({ added_tokens: [], index }),
    "special_tokens_map.json": JSON.stringify({ index }),
    // One seed: the generator keeps a megabyte of each.
    "model.safetensors": safetensors(1, [
      { name: "model.proj.weight", dtype: "U32", shape: [64, 8] },
      { name: "model.proj.scales", dtype: "BF16", shape: [64, 1] },
      { name: "model.proj.biases", dtype: "BF16", shape: [64, 1] },
    ]),
  };
  const listed: Record<string, object> = {};
  for (const [path, content] of Object.entries(files)) {
    const blob = digest("sha256", content);
    writeFileSync(join(repository, "blobs", blob), content);
    symlinkSync(`../../blobs/${blob}`, join(snapshot, path));
    const size = Buffer.byteLength(content);
    listed[path] = { size, blob_id: digest("sha1", content), lfs_sha256: blob, lfs_size: size };
  }
  writeFileSync(join(repository, "trees", `${commit}.json`), JSON.stringify({ format_version: 1, files: listed }));
  writeFileSync(join(repository, "refs", "main"), commit);
}
