import type { Fit } from "../../contract/hub.ts";
import { unknown } from "./size.ts";

const words: Record<Fit["verdict"], string> = {
  easy: "easily",
  fits: "yes",
  tight: "tight",
  "too-large": "no",
  unknown,
};

/** One word for a table. */
export function formatFit({ verdict }: Fit): string {
  return words[verdict];
}
