import type { Fit, FitVerdict } from "../../../contract/hub.ts";
import type { MeasuredMemory } from "../../../contract/measurements.ts";
import { kvBytesOf, windowSlackBytes } from "./kv-bytes.ts";
import type { KvBits } from "./kv-bytes.ts";
import { isUsable, measuredBytes } from "./measured-memory.ts";
import type { MemoryShape } from "./memory-shape.ts";

export interface FitQuestion {
  /** Bytes of the files of weights: the engine holds them all, also every expert. Null: not known. */
  readonly weightBytes: number | null;
  readonly contextTokens: number;
  /** What this machine gives to models. */
  readonly limitBytes: number;
  /** The model's own longest context; null: not known. */
  readonly modelContext: number | null;
  /** Bits of a quantized cache; left out: not quantized. */
  readonly kvBits?: KvBits;
  /** What a probe of this very model on this machine found; counts where the cache is not quantized. */
  readonly measured?: MeasuredMemory | null;
}

/**
 * What the engine takes before it has read a weight. Measured: 84 to 90 MB for mlx_lm.server 0.32.2 with its tokenizer on
 * Linux; the rest is for Metal, which was not measured.
 */
const engineBytes = 128 * 1024 * 1024;

/** What a step of the prompt takes where nothing is known of the layers: that of a dense model of 8e9 parameters. */
const unknownScratchBytes = 512 * 1024 * 1024;

/** Buffers that the allocator rounds up and keeps: an estimate, as in docs/fit.md. */
const weightShare = 0.05;

/** Tokens of the prompt that the engine reads at once, unless a profile says otherwise. */
const stepTokens = 2048;

/** Leaves room for the caches of other conversations and for a small second model. */
const easyShare = 0.6;

/** mlx_lm warns where the weights alone take 0.9 of the limit; this stays below that by the error of the estimate. */
const fitsShare = 0.85;

/** Contexts above are no question anybody asks; bounds the search for the largest. */
const longestContext = 16 * 1024 * 1024;

/** Tells the memory a model needs to run at a context, as measured where that is known, and judges it. Pure. */
export function fitOf(shape: MemoryShape | null, question: FitQuestion): Fit {
  const { weightBytes, limitBytes, modelContext, kvBits = null } = question;
  const contextTokens = Math.min(question.contextTokens, modelContext ?? Infinity);
  const kvBytes = shape === null ? null : bytes(kvBytesOf(shape, contextTokens, kvBits));
  const needed = needOf(shape, question);
  const neededBytes = needed === null ? null : bytes(needed.bytesAt(contextTokens));
  const verdict = verdictOf(neededBytes, limitBytes);
  const rest = neededBytes === null || weightBytes === null ? null : neededBytes - weightBytes - (kvBytes ?? 0);
  return {
    verdict,
    fits: verdict === "unknown" ? null : verdict !== "too-large",
    ...{ contextTokens, neededBytes, weightBytes, kvBytes, limitBytes },
    // Weights that the system maps may be measured as less than they are.
    overheadBytes: rest === null ? null : Math.max(0, rest),
    largestContext: shape === null || needed === null ? null : largestContextOf(needed, question),
    method: needed?.isMeasured === true ? "measured" : methodOf(shape),
  };
}

interface Need {
  readonly isMeasured: boolean;
  bytesAt(contextTokens: number): number;
}

/** Null where the size of the weights is not known. */
function needOf(shape: MemoryShape | null, { weightBytes, kvBits = null, measured }: FitQuestion): Need | null {
  if (weightBytes === null) return null;
  const predict = (context: number): number =>
    weightBytes +
    (shape === null ? 0 : kvBytesOf(shape, context, kvBits)) +
    overheadOf(shape, weightBytes, context, kvBits);
  if (!isUsable(measured) || kvBits !== null) return { isMeasured: false, bytesAt: predict };
  return { isMeasured: true, bytesAt: (context) => measuredBytes(measured, context, predict) };
}

function methodOf(shape: MemoryShape | null): Fit["method"] {
  if (shape === null) return "weights-only";
  return shape.basis === "plain" ? "plain-formula" : "formula";
}

const tableContexts = [4096, 8192, 16_384, 32_768, 65_536, 131_072];

/** The same model at growing contexts up to its own longest. */
export function fitTable(shape: MemoryShape | null, question: Omit<FitQuestion, "contextTokens">): Fit[] {
  const longest = question.modelContext;
  const contexts = tableContexts.filter((context) => longest === null || context < longest);
  return [...contexts, ...(longest === null ? [] : [longest])].map((contextTokens) =>
    fitOf(shape, { ...question, contextTokens }),
  );
}

function overheadOf(shape: MemoryShape | null, weightBytes: number, contextTokens: number, kvBits: KvBits): number {
  const step = shape === null ? unknownScratchBytes : stepBytes(shape, contextTokens, kvBits);
  return bytes(engineBytes + step + weightBytes * weightShare);
}

/** Whole, and of a size that JSON carries exactly, whatever a stranger's config claims. */
function bytes(value: number): number {
  return Math.min(Math.ceil(value), Number.MAX_SAFE_INTEGER);
}

/** Held while the prompt is read. The allocator keeps it afterwards, so it counts for as long as the engine runs. */
function stepBytes(shape: MemoryShape, contextTokens: number, kvBits: KvBits): number {
  const { scratch, heads, elementBytes } = shape;
  const tokens = Math.min(stepTokens, contextTokens);
  // There is no kernel that reads a quantized cache without writing the scores down.
  const perPair = kvBits === null ? scratch.perPair : Math.max(scratch.perPair, heads * elementBytes);
  return (
    tokens * scratch.perStepToken +
    tokens * contextTokens * perPair +
    contextTokens * scratch.perContextToken +
    windowSlackBytes(shape, contextTokens, stepTokens)
  );
}

function verdictOf(neededBytes: number | null, limitBytes: number): FitVerdict {
  if (neededBytes === null) return "unknown";
  if (neededBytes <= limitBytes * easyShare) return "easy";
  if (neededBytes <= limitBytes * fitsShare) return "fits";
  return neededBytes <= limitBytes ? "tight" : "too-large";
}

function largestContextOf({ bytesAt }: Need, { limitBytes, modelContext }: FitQuestion): number {
  const fits = (context: number) => bytesAt(context) <= limitBytes;
  let low = 0;
  let high = modelContext ?? longestContext;
  if (fits(high)) return high;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return low;
}
