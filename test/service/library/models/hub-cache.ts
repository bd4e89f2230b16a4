/** Hub caches as other programs leave them, on a real disk. */
import { createHash } from "node:crypto";
import { appendFile, mkdir, rename, symlink, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { safetensors } from "../../../fixtures/safetensors-file.ts";

export type Files = Record<string, string | Buffer>;

export const commitOf = (seed: string): string => createHash("sha1").update(seed).digest("hex");
const blobOf = (content: string | Buffer): string => createHash("sha256").update(content).digest("hex");

export const config = {
  architectures: ["Qwen3ForCausalLM"],
  model_type: "qwen3",
  vocab_size: 300,
  max_position_embeddings: 4096,
  quantization: { group_size: 64, bits: 4 },
};

/** 64 x 64 at 4 bits: 512 words for 4,096 parameters, and 64 of a norm. */
export const weights = safetensors(7, [
  { name: "model.proj.weight", dtype: "U32", shape: [64, 8] },
  { name: "model.proj.scales", dtype: "BF16", shape: [64, 1] },
  { name: "model.proj.biases", dtype: "BF16", shape: [64, 1] },
  { name: "model.norm.weight", dtype: "BF16", shape: [64] },
]);

export const modelFiles: Files = {
  "README.md": "# A model",
  "config.json": JSON.stringify(config),
  "tokenizer_config.json": JSON.stringify({ chat_template: "{{ messages }}<tool_call>{{ tool_call.name }}" }),
  "tokenizer.json": JSON.stringify({ added_tokens: [{ content: "<think>" }, { content: "</think>" }] }),
  "model.safetensors": weights,
  "extra/notes.txt": "notes",
};

export interface Entry {
  id: string;
  files?: Files;
  commit?: string;
  /** Refs by name; default `main`. */
  refs?: string[];
  layout?: "links" | "copies" | "absolute";
  /** The list of a commit's files, as new writers leave it. */
  tree?: boolean | Files;
}

/** Adds one revision; answers the repository's folder and the commit. */
export async function addRevision(cache: string, entry: Entry): Promise<{ folder: string; commit: string }> {
  const { id, files = modelFiles, commit = commitOf(id), refs = ["main"], layout = "links", tree = false } = entry;
  const folder = join(cache, `models--${id.replace("/", "--")}`);
  await mkdir(join(folder, "blobs"), { recursive: true });
  await mkdir(join(folder, "snapshots", commit), { recursive: true });
  for (const [path, content] of Object.entries(files)) {
    const target = join(folder, "snapshots", commit, path);
    await mkdir(dirname(target), { recursive: true });
    if (layout === "copies") {
      await writeFile(target, content);
      continue;
    }
    const blob = join(folder, "blobs", blobOf(content));
    await writeFile(blob, content);
    await symlink(layout === "absolute" ? blob : relative(dirname(target), blob), target);
  }
  if (tree !== false) await writeTree(folder, commit, tree === true ? files : tree);
  for (const ref of refs) {
    await mkdir(dirname(join(folder, "refs", ref)), { recursive: true });
    await writeFile(join(folder, "refs", ref), commit);
  }
  return { folder, commit };
}

async function writeTree(folder: string, commit: string, files: Files): Promise<void> {
  const list = Object.entries(files).map(([path, content]) => [
    path,
    { size: Buffer.byteLength(content), blob_id: blobOf(content) },
  ]);
  await mkdir(join(folder, "trees"), { recursive: true });
  const text = JSON.stringify({ format_version: 1, files: Object.fromEntries(list) });
  await writeFile(join(folder, "trees", `${commit}.json`), text);
}

/** Moves a repository's weights into the store that Python's client shares between repositories. */
export async function shareBlob(cache: string, folder: string, content: string | Buffer): Promise<string> {
  const hash = createHash("sha256").update("xet").update(content).digest("hex");
  const store = join(cache, "blobs", hash.slice(0, 2));
  await mkdir(store, { recursive: true });
  await writeFile(join(cache, "blobs", ".huggingface-shared-blobs"), "1\n");
  const payload = join(store, hash);
  const blob = join(folder, "blobs", blobOf(content));
  await rename(blob, payload);
  await appendFile(`${payload}.refs`, `${relative(cache, blob)}\n`);
  await symlink(relative(dirname(blob), payload), blob);
  return payload;
}
