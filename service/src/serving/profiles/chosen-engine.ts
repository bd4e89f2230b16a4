import { defaultEngine, engineCapabilities, enginesThat } from "../../contract/engine-capabilities.ts";
import type { EngineCapabilities } from "../../contract/engine-capabilities.ts";
import type { EngineId } from "../../contract/engines.ts";
import type { Capability } from "../../contract/hub.ts";
import type { EngineChoice, Profile } from "../../contract/profiles.ts";
import { supportOf, taskOf } from "../../library/models/index.ts";

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
  if (kind === "cluster") return follows(clusterEngine(), "No other engine runs on a cluster.");
  if (facts === null) return follows(defaultEngine, "The model is not here, so nothing is known of it.");
  const [first] = supportOf(facts.architecture, facts.customCode, facts.capabilities).engines;
  return first === undefined
    ? follows(defaultEngine, `No engine is known to run this architecture; ${defaultEngine} tries.`)
    : follows(first, reasonOf(first, facts));
}

/** The one engine that spreads a model over several machines. */
export function clusterEngine(): EngineId {
  return enginesThat(({ clusters }) => clusters)[0] ?? defaultEngine;
}

function reasonOf(engine: EngineId, { architecture, capabilities }: DecidingFacts): string {
  const can = new Set(capabilities);
  const senses = (["vision", "audio"] as const).filter((sense) => can.has(sense)).map((sense) => nouns[sense]);
  const task = taskOf(architecture, capabilities);
  if (task !== "chat") return `The model makes ${results[task]}, as ${engine} does.`;
  const { images, sound }: EngineCapabilities = engineCapabilities[engine];
  const isWhole = images || sound;
  if (senses.length > 0 && isWhole) return `The model takes ${senses.join(" and ")}, as ${engine} does.`;
  if (senses.length > 0)
    return `No engine with ${senses.join(" and ")} runs this architecture; ${engine} runs its text.`;
  if (isWhole) return `Of our engines, ${engine} alone runs this architecture.`;
  return `The model reads and writes text, as ${engine} does.`;
}

const nouns = { vision: "images", audio: "sound" };
const results = { embeddings: "embeddings", transcription: "transcriptions" };

function said(engine: EngineId, reason: string): { engine: EngineId; engineChoice: EngineChoice } {
  return { engine, engineChoice: { by: "profile", reason } };
}

function follows(engine: EngineId, reason: string): { engine: EngineId; engineChoice: EngineChoice } {
  return { engine, engineChoice: { by: "model", reason } };
}
