import type { Model } from "../../contract/models.ts";
import { formatContext, formatCount } from "../format/count.ts";
import { formatFit } from "../format/fit.ts";
import { printMeasured } from "../format/measured.ts";
import { formatBytes, formatMemory, unknown } from "../format/size.ts";
import { printFields } from "../format/table.ts";
import type { Terminal } from "../terminal.ts";

/** Owners whose models are on this machine alone: the Hub is not asked for them. */
const ownOwners = ["local", "mlx-manager"];

export function isLocalAlone(id: string): boolean {
  return ownOwners.includes(id.split("/")[0] ?? "");
}

/** A model that only this machine knows. */
export function printLocalModel(terminal: Terminal, model: Model): void {
  const { fit, quantization } = model;
  const bits = quantization?.effectiveBits ?? null;
  const fields: [string, string][] = [
    ["Model", model.id],
    ["Fits", `${formatFit(fit)}: ${formatMemory(fit.neededBytes)} of ${formatMemory(fit.limitBytes)}`],
    ["Longest context", `${formatContext(fit.largestContext)} of ${formatContext(model.contextLength)}`],
    ["On disk", formatBytes(model.sizeBytes)],
    ["Quantization", `${quantization?.label ?? unknown}${bits === null ? "" : `, ${bits.toFixed(1)} bits effective`}`],
    ["Parameters", formatCount(model.parameters)],
    ["Architecture", model.architecture ?? unknown],
    ["Can", model.capabilities.join(", ") || unknown],
    ["Converted from", model.parent?.model ?? ""],
    ["Problem", model.problem ?? ""],
  ];
  printFields(
    terminal,
    fields.filter(([, value]) => value !== ""),
  );
  printSeen(terminal, model);
}

/** What a probe found, or how to find it. */
export function printSeen(terminal: Terminal, model: Model): void {
  if (model.measured === null) return terminal.note(`See what it really does: mlx-manager probe ${model.id}`);
  terminal.line("");
  printMeasured(terminal, model);
}
