import type { HubModel, HubSibling } from "../../contract/hub.ts";

/** Words at the end of a name that tell the format, not the model. */
const formatWord =
  /[-_.](mlx|hf|gguf|awq|gptq|dwq|optiq|quantized|affine|[qb]?\d(\.\d+)?-?bits?|int[48]|[qw]\d|bf16|fp16|fp32|f16|mxfp[48]|nvfp4|(gs|group)\d+)$/;

/** What conversions of one model have in common: its name without owner and formats. */
export function stemOf(id: string): string {
  let name = id.slice(id.indexOf("/") + 1).toLowerCase();
  for (;;) {
    const shorter = name.replace(formatWord, "");
    if (shorter === name || shorter === "") return name;
    name = shorter;
  }
}

/** A candidate and how its card says it came from the base. */
export interface Candidate {
  readonly model: HubModel;
  readonly relation: string | null;
}

/**
 * Whether a model is a conversion of that very model: by its card, else by its name. A fine-tune names the same base
 * and is another model.
 */
export function isConversion({ model, relation }: Candidate, base: string | null, stem: string): boolean {
  if (stemOf(model.id) === stem) return true;
  return base !== null && relation === "quantized" && model.baseModel?.toLowerCase() === base.toLowerCase();
}

/** Rows for a comparison, most bits first; the best that runs here is marked. */
export function compared(models: readonly HubModel[]): HubSibling[] {
  const sorted = [...models].sort(
    (a, b) => bitsOf(b) - bitsOf(a) || (b.downloads ?? -1) - (a.downloads ?? -1) || (a.id < b.id ? -1 : 1),
  );
  const runnable = sorted.filter(({ supported }) => supported !== false);
  // One that only just fits is the choice of last resort: nothing else may run beside it.
  const best =
    runnable.find(({ fit }) => fit.verdict === "easy" || fit.verdict === "fits") ??
    runnable.find(({ fit }) => fit.verdict === "tight");
  return sorted.map((model) => ({ ...model, recommended: model === best }));
}

/** Effective bits say what quality is left; without them the nominal ones must do. */
function bitsOf({ quantization }: HubModel): number {
  return quantization?.effectiveBits ?? quantization?.bits ?? 0;
}
