import type { Model } from "./contract/models.ts";
import { fitOf } from "./library/models/index.ts";
import type { LocalModel } from "./library/models/index.ts";

export interface ModelViewDependencies {
  readonly limitBytes: () => number;
  /** The context memory is predicted for. */
  readonly contextTokens: () => number;
  readonly defaultModel: () => string | null;
  readonly implicitProfileId: (model: string) => string;
}

/** The library's model as the API shows it: with what serving and the machine add. */
export function modelViewer({
  limitBytes,
  contextTokens,
  defaultModel,
  implicitProfileId,
}: ModelViewDependencies): (model: LocalModel) => Model {
  return ({ id, source, demo, sizeBytes, weightBytes, complete, revisions, facts, addedAt, usedAt }) => ({
    ...{ id, source, demo, sizeBytes, weightBytes, complete, addedAt, usedAt },
    parameters: facts.parameters,
    quantization: facts.quantization,
    architecture: facts.architecture,
    contextLength: facts.contextLength,
    capabilities: facts.capabilities,
    revisions: revisions.map(({ revision, refs, sizeBytes: size, complete: whole }) => ({
      revision,
      refs,
      sizeBytes: size,
      complete: whole,
    })),
    isDefault: defaultModel() === id,
    fit: fitOf(facts.memory, {
      ...{ weightBytes, contextTokens: contextTokens(), limitBytes: limitBytes(), modelContext: facts.contextLength },
    }),
    profileId: implicitProfileId(id),
  });
}
