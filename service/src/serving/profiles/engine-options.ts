import { engineOptionNames, optionNeeds } from "../../contract/engine-options.ts";
import type { EngineOptionName, EngineOptions } from "../../contract/engine-options.ts";
import type { EngineId } from "../../contract/engines.ts";
import { AppError } from "../../platform/errors.ts";

/**
 * Refuses what the engine does not know and what has no effect: an option that is shown acts.
 * @throws AppError `invalid_request` that names the option and the next step.
 */
export function checkEngineOptions(engine: EngineId, options: EngineOptions): void {
  const known: readonly string[] = engineOptionNames[engine];
  const given = (Object.keys(options) as EngineOptionName[]).filter((name) => options[name] !== undefined);
  for (const name of given) {
    if (known.includes(name)) continue;
    const engines = enginesWith(name);
    throw invalid(name, `is no option of the engine ${engine}; ${engines} has it. Take it out or choose that engine`);
  }
  for (const [name, needed] of Object.entries(optionNeeds) as [EngineOptionName, EngineOptionName][]) {
    if (options[name] === undefined || options[needed] !== undefined) continue;
    throw invalid(name, `does nothing without "${needed}". Set both or neither`);
  }
}

function enginesWith(name: EngineOptionName): string {
  const engines = (Object.keys(engineOptionNames) as EngineId[]).filter((engine) =>
    (engineOptionNames[engine] as readonly string[]).includes(name),
  );
  return engines.join(" or ");
}

function invalid(name: string, text: string): AppError {
  return new AppError("invalid_request", `"${name}" ${text}.`, { details: { option: name } });
}
