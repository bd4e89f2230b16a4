import { AppError } from "../../platform/errors.ts";
import type { TreeFile } from "../hub/index.ts";

/** What a plan reads of a file. */
export interface SizedFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly blobId: string;
}

export interface Plan<File extends SizedFile = TreeFile> {
  readonly chosen: readonly File[];
  readonly leftOut: readonly File[];
  /** Of the chosen files, each content counted once: what the disk needs when nothing is there yet. */
  readonly bytesTotal: number;
}

/**
 * Which files of a commit to fetch.
 * @param patterns as huggingface_hub's `allow_patterns`; null: all but copies of the weights in other formats.
 * @throws AppError `invalid_request` when the patterns match nothing, `not_found` for an empty repository.
 */
export function planFiles<File extends SizedFile>(
  tree: readonly File[],
  patterns: readonly string[] | null,
): Plan<File> {
  const isChosen = patterns === null ? withoutDuplicateWeights(tree) : matcher(patterns);
  const chosen = tree.filter(({ path }) => isChosen(path));
  if (chosen.length === 0) {
    if (patterns === null) throw new AppError("not_found", "This revision has no files. Choose another revision.");
    throw new AppError("invalid_request", "No file of this model matches the patterns. Check `files`.", {
      details: { patterns },
    });
  }
  const leftOut = tree.filter(({ path }) => !isChosen(path));
  return { chosen, leftOut, bytesTotal: sizeOf(chosen) };
}

/** Bytes of the distinct contents. */
export function sizeOf(files: readonly { blobId: string; sizeBytes: number }[]): number {
  const sizes = new Map(files.map(({ blobId, sizeBytes }) => [blobId, sizeBytes]));
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}

/**
 * Whether the cache may record the commit's listing. Python takes a recorded listing for the truth of what must be
 * there and of what exists: with duplicates left out on purpose, the full one would make a complete model look broken
 * to an unfiltered offline call, and a shortened one would hide files from other tools. Then there is none.
 */
export function recordsListing(plan: Pick<Plan<SizedFile>, "leftOut">, patterns: readonly string[] | null): boolean {
  return patterns !== null || plan.leftOut.length === 0;
}

const otherFormats = /\.(pt|pth|ckpt|h5|msgpack|ot|onnx|onnx_data|tflite|gguf|npz|mlmodel|mlpackage)$/i;
const otherWeights =
  /^(pytorch_model|model|adapter_model|flax_model|tf_model|rust_model|weights)\b.*\.bin(\.index\.json)?$/i;

function withoutDuplicateWeights(tree: readonly SizedFile[]): (path: string) => boolean {
  const names = tree.map(({ path }) => path);
  const hasModel = names.some((path) => /(^|\/)model[^/]*\.safetensors$/.test(path));
  if (!names.some((path) => path.endsWith(".safetensors"))) return () => true;
  return (path) => {
    const name = path.slice(path.lastIndexOf("/") + 1);
    if (otherFormats.test(name) || otherWeights.test(name)) return false;
    return !(hasModel && /^consolidated[^/]*\.(safetensors|pth)$/.test(name));
  };
}

/** Shell patterns as Python's `fnmatch` reads them: `*` also matches `/`; a trailing `/` means everything below. */
export function matcher(patterns: readonly string[]): (path: string) => boolean {
  const names = new Set(patterns.filter((pattern) => !/[*?[]|\/$/.test(pattern)));
  const others = patterns.filter((pattern) => !names.has(pattern));
  const expressions = others.map((pattern) => toExpression(pattern.endsWith("/") ? `${pattern}*` : pattern));
  return (path) => names.has(path) || expressions.some((expression) => expression.test(path));
}

/** The pattern that matches this path alone. */
export function patternOf(path: string): string {
  return path.replace(/[*?[]/g, "[$&]");
}

function toExpression(pattern: string): RegExp {
  let source = "";
  for (let index = 0; index < pattern.length; index += 1) {
    const character = pattern.charAt(index);
    // Runs of stars are one: as many `.*` in a row would take exponential time.
    if (character === "*") source += pattern.charAt(index + 1) === "*" ? "" : "[^]*";
    else if (character === "?") source += "[^]";
    else if (character === "[") {
      const set = /^\[(!?)(\]?[^\]]*)\]/.exec(pattern.slice(index));
      source += set ? `[${set[1] ? "^" : ""}${set[2]?.replace(/[\\[\]^]/g, "\\$&")}]` : "\\[";
      if (set) index += set[0].length - 1;
    } else source += character.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  }
  try {
    return new RegExp(`^${source}$`);
  } catch (error) {
    throw new AppError("invalid_request", `The pattern "${pattern}" is not valid. Check \`files\`.`, { cause: error });
  }
}
