import type { EngineId } from "../../contract/engines.ts";
import type { Capability } from "../../contract/hub.ts";
import type { EngineChoice, Profile } from "../../contract/profiles.ts";
import { supportOf } from "../../library/models/index.ts";

/** What of a model decides. */
export interface DecidingFacts {
  readonly architecture: string | null;
  readonly customCode: boolean;
  readonly capabilities: readonly Capability[];
}

type Deciding = Pick<Profile, "engine" | "engineChoice" | "kind">;

/**
 * The engine of a profile: what the profile says, else what follows from the model as it is here now.
 * @param facts null for a model that is not here
 */
export function engineOf(profile: Deciding, facts: DecidingFacts | null): Pick<Profile, "engine" | "engineChoice"> {
  const { engine, engineChoice, kind } = profile;
  if (kind === "remote") return said("remote", "Another service serves it.");
  if (engineChoice.by === "profile" && engine !== "remote") return said(engine, "The profile says so.");
  if (kind === "cluster") return follows("mlx-lm", "No other engine runs on a cluster.");
  if (facts === null) return follows("mlx-lm", "The model is not here, so nothing is known of it.");
  const [first] = supportOf(facts.architecture, facts.customCode, facts.capabilities).engines;
  return first === undefined
    ? follows("mlx-lm", "No engine is known to run this architecture; mlx-lm tries.")
    : follows(first, reasonOf(first, facts));
}

function reasonOf(engine: EngineId, { capabilities }: DecidingFacts): string {
  const can = new Set(capabilities);
  const senses = (["vision", "audio"] as const).filter((sense) => can.has(sense)).map((sense) => nouns[sense]);
  if (engine === "mlx-vlm" && senses.length > 0) return `The model takes ${senses.join(" and ")}, as mlx-vlm does.`;
  if (engine === "mlx-vlm") return "Of our engines, mlx-vlm alone runs this architecture.";
  if (engine === "mlx-openai-server") return "Embeddings and transcriptions are made by mlx-openai-server.";
  if (senses.length > 0) return "mlx-vlm does not run this architecture; mlx-lm runs its text.";
  return "The model reads and writes text, as mlx-lm does.";
}

const nouns = { vision: "images", audio: "sound" };

function said(engine: EngineId, reason: string): { engine: EngineId; engineChoice: EngineChoice } {
  return { engine, engineChoice: { by: "profile", reason } };
}

function follows(engine: EngineId, reason: string): { engine: EngineId; engineChoice: EngineChoice } {
  return { engine, engineChoice: { by: "model", reason } };
}
