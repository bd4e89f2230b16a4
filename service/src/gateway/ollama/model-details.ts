import { createHash } from "node:crypto";
import type { OllamaDetails } from "../../contract/ollama.ts";
import type { LibraryModel } from "./dependencies.ts";

/** What clients show below a model's name. Always whole: some crash where a field is missing. */
export function detailsOf(model: LibraryModel | null): OllamaDetails {
  const family = model?.facts.architecture ?? "";
  return {
    parent_model: "",
    format: model === null ? "" : "safetensors",
    family,
    families: family === "" ? [] : [family],
    parameter_size: sizeText(model?.facts.parameters ?? null),
    quantization_level: model?.facts.quantization?.label ?? "",
  };
}

/** A commit, or the hash of its content; of what is elsewhere, of its name. Clients cut off its first 12 digits. */
export function digestOf(model: LibraryModel | null, name: string): string {
  return model?.revisions[0]?.revision ?? createHash("sha256").update(name).digest("hex");
}

/** `4.0B`, `137.0M`; empty where it is not known. */
function sizeText(parameters: number | null): string {
  if (parameters === null) return "";
  if (parameters >= 1e9) return `${(parameters / 1e9).toFixed(1)}B`;
  return parameters >= 1e6 ? `${(parameters / 1e6).toFixed(1)}M` : `${(parameters / 1e3).toFixed(1)}K`;
}
