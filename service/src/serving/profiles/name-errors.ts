import { AppError } from "../../platform/errors.ts";
import type { DeadAlias } from "./resolver.ts";

export function modelNotHere(model: string): AppError {
  return new AppError("model_not_found", `The model ${model} is not on this machine. Download it first.`, {
    details: { model },
  });
}

/** What a client is told whose name nothing answers. */
export function nameNotFound(
  name: string | null | undefined,
  { dead, defaultName }: { readonly dead: DeadAlias | null; readonly defaultName: string | null },
): AppError {
  const isNamed = name !== null && name !== undefined && name !== "";
  const shown = isNamed ? name.slice(0, 200) : defaultName;
  return new AppError("model_not_found", messageOf(isNamed ? name.slice(0, 200) : null, dead, defaultName), {
    details: { model: shown },
  });
}

function messageOf(name: string | null, dead: DeadAlias | null, defaultName: string | null): string {
  if (dead !== null) {
    const who = name === null || name === dead.alias ? `"${dead.alias}"` : `"${name}" (by the alias "${dead.alias}")`;
    return `${who} stands for ${dead.target}, which is not here. Download it, or change the alias.`;
  }
  if (name !== null) {
    const advice = "Download it, or name one that is listed at /v1/models.";
    return `There is no model or profile "${name}" here. ${advice}`;
  }
  return defaultName === null
    ? "There is no model on this machine yet. Download one first."
    : `The default model "${defaultName}" is not on this machine. Download it, or choose another default.`;
}
