import type { Fit, FitVerdict } from "../../contract/hub.ts";
import { kvBytesOf } from "./kv-bytes.ts";
import type { KvBits } from "./kv-bytes.ts";
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
}

const GiB = 1024 ** 3;
const engineBytes = 0.25 * GiB;
const unknownStepBytes = 0.5 * GiB;
const weightShare = 0.05;
const stepTokens = 2048;

const easyShare = 0.6;
const fitsShare = 0.85;

/** Contexts above are no question anybody asks; bounds the search for the largest. */
const longestContext = 16 * 1024 * 1024;

/** Predicts the memory a model needs to run at a context and judges it. Pure. */
export function fitOf(shape: MemoryShape | null, question: FitQuestion): Fit {
  const { weightBytes, limitBytes, modelContext, kvBits = null } = question;
  const contextTokens = Math.min(question.contextTokens, modelContext ?? Infinity);
  const kvBytes = shape === null ? null : kvBytesOf(shape, contextTokens, kvBits);
  const overheadBytes = weightBytes === null ? null : overheadOf(shape, weightBytes, contextTokens);
  const neededBytes =
    weightBytes === null || overheadBytes === null ? null : Math.ceil(weightBytes + (kvBytes ?? 0) + overheadBytes);
  const verdict = verdictOf(neededBytes, limitBytes);
  return {
    verdict,
    fits: verdict === "unknown" ? null : verdict !== "too-large",
    ...{ contextTokens, neededBytes, weightBytes, kvBytes, overheadBytes, limitBytes },
    largestContext: largestContextOf(shape, question),
    method: shape === null ? "weights-only" : shape.basis === "plain" ? "plain-formula" : "formula",
  };
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

function overheadOf(shape: MemoryShape | null, weightBytes: number, contextTokens: number): number {
  const step = shape === null ? unknownStepBytes : shape.stepBytesPerToken * Math.min(contextTokens, stepTokens);
  return Math.ceil(engineBytes + step + weightBytes * weightShare);
}

function verdictOf(neededBytes: number | null, limitBytes: number): FitVerdict {
  if (neededBytes === null) return "unknown";
  if (neededBytes <= limitBytes * easyShare) return "easy";
  if (neededBytes <= limitBytes * fitsShare) return "fits";
  return neededBytes <= limitBytes ? "tight" : "too-large";
}

function largestContextOf(shape: MemoryShape | null, question: FitQuestion): number | null {
  const { weightBytes, limitBytes, modelContext, kvBits = null } = question;
  if (shape === null || weightBytes === null) return null;
  const fits = (context: number) =>
    weightBytes + kvBytesOf(shape, context, kvBits) + overheadOf(shape, weightBytes, context) <= limitBytes;
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
