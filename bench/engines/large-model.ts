// A model of one gigabyte that is made here: what loading costs by size shows only where there is something to load.
import { createHash } from "node:crypto";
import { cp, mkdir, open, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { demoModelPath } from "./by-hand.ts";

const [hidden, intermediate, layers, vocabulary] = [1024, 4096, 16, 1536] as const;
const [embedding, lastLayer] = ["model.embed_tokens.weight", "lm_head.weight"] as const;
/** The answer is so many words further in the vocabulary than what came before. */
const wordsOn = 400;

const config = {
  ...{ model_type: "llama", architectures: ["LlamaForCausalLM"], torch_dtype: "float32", tie_word_embeddings: false },
  ...{ hidden_size: hidden, intermediate_size: intermediate, num_hidden_layers: layers, vocab_size: vocabulary },
  ...{ num_attention_heads: 16, num_key_value_heads: 16, head_dim: 64, rms_norm_eps: 1e-5, rope_theta: 10_000 },
  ...{ max_position_embeddings: 2048, eos_token_id: [2, 0] },
};

/**
 * Puts it into a Hub cache, with the demo model's tokenizer. Its layers add next to nothing, so what it answers follows
 * from the last token of what it was asked, a line feed: always the same word, and never an end.
 * @returns its folder and the bytes of its weights
 */
export async function writeLargeModel(cache: string, id: string): Promise<{ path: string; bytes: number }> {
  const commit = createHash("sha1").update(id).digest("hex");
  const repository = join(cache, `models--${id.replace("/", "--")}`);
  const path = join(repository, "snapshots", commit);
  for (const folder of ["blobs", "refs", "snapshots"]) await mkdir(join(repository, folder), { recursive: true });
  await cp(demoModelPath, path, { recursive: true });
  await rm(join(path, "model.safetensors.index.json"));
  await writeFile(join(path, "config.json"), JSON.stringify(config));
  const bytes = await writeWeights(join(path, "model.safetensors"));
  await writeFile(join(repository, "refs", "main"), commit);
  return { path, bytes };
}

async function writeWeights(path: string): Promise<number> {
  const header: Record<string, unknown> = { __metadata__: { format: "mlx" } };
  let end = 0;
  for (const [name, ...shape] of tensors()) {
    const length = 4 * shape.reduce((product, side) => product * side, 1);
    header[name] = { dtype: "F32", shape, data_offsets: [end, end + length] };
    end += length;
  }
  const text = JSON.stringify(header);
  const start = Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8));
  const headLength = Buffer.alloc(8);
  headLength.writeBigUInt64LE(BigInt(start.length));
  const [loud, quiet] = [noise(0.5), noise(1e-5)];
  const rotated = 4 * hidden * wordsOn;
  const head = Buffer.concat([loud.subarray(-rotated), loud.subarray(0, -rotated)]);
  const file = await open(path, "w");
  try {
    await file.write(Buffer.concat([headLength, start]));
    for (const [name, ...shape] of tensors()) {
      const length = 4 * shape.reduce((product, side) => product * side, 1);
      const block = name.includes("norm") ? ones(length) : ({ [embedding]: loud, [lastLayer]: head }[name] ?? quiet);
      for (let done = 0; done < length; done += block.length) await file.write(block.subarray(0, length - done));
    }
  } finally {
    await file.close();
  }
  return end;
}

function* tensors(): Generator<[name: string, ...shape: number[]]> {
  yield [embedding, vocabulary, hidden];
  for (let layer = 0; layer < layers; layer += 1) {
    const block = `model.layers.${layer}`;
    for (const name of ["q_proj", "k_proj", "v_proj", "o_proj"])
      yield [`${block}.self_attn.${name}.weight`, hidden, hidden];
    for (const name of ["gate_proj", "up_proj"]) yield [`${block}.mlp.${name}.weight`, intermediate, hidden];
    yield [`${block}.mlp.down_proj.weight`, hidden, intermediate];
    for (const name of ["input_layernorm", "post_attention_layernorm"]) yield [`${block}.${name}.weight`, hidden];
  }
  yield ["model.norm.weight", hidden];
  yield [lastLayer, vocabulary, hidden];
}

/** Six megabytes, as many as the words take: no two of them are alike. */
function noise(scale: number): Buffer {
  const values = new Float32Array(vocabulary * hidden);
  for (let at = 0; at < values.length; at += 1) {
    const mixed = Math.imul(at + 1, 2654435761) >>> 0;
    values[at] = ((Math.imul(mixed ^ (mixed >>> 15), 2246822519) >>> 0) / 2 ** 31 - 1) * scale;
  }
  return Buffer.from(values.buffer);
}

function ones(length: number): Buffer {
  return Buffer.from(new Float32Array(length / 4).fill(1).buffer);
}
