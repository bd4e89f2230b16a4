import type { Fit } from "../api/schemas.ts";

/** What a figure of memory rests on. */
export function fitBasis({ method }: Pick<Fit, "method">): string {
  const words: Record<string, string> = {
    measured: "measured",
    formula: "predicted",
    "plain-formula": "predicted, roughly",
    "weights-only": "predicted from the weights alone",
  };
  return words[method] ?? method;
}
