import type { ModelParent } from "./contract/conversions.ts";
import type { Measurement } from "./contract/measurements.ts";
import type { Model } from "./contract/models.ts";
import { fitOf, supportOf } from "./library/models/index.ts";
import type { LocalModel, LocalRevision } from "./library/models/index.ts";

export interface ModelViewDependencies {
  readonly limitBytes: () => number;
  /** The context memory is predicted for. */
  readonly contextTokens: () => number;
  readonly defaultModel: () => string | null;
  readonly implicitProfileId: (model: string) => string;
  /** What a probe found of the revision that `main` means. */
  readonly measured: (model: string) => Measurement | null;
  readonly parentOf: (model: string) => ModelParent | null;
}

/** The library's model as the API shows it: with what serving and the machine add. */
export function modelViewer({
  implicitProfileId,
  ...dependencies
}: ModelViewDependencies): (model: LocalModel) => Model {
  const limitBytes = oncePerTurn(dependencies.limitBytes);
  const contextTokens = oncePerTurn(dependencies.contextTokens);
  const defaultModel = oncePerTurn(dependencies.defaultModel);
  const { measured: measuredOf, parentOf } = dependencies;
  return ({ id, source, demo, sizeBytes, weightBytes, complete, revisions, facts, ...model }) => {
    const measured = measuredOf(id);
    return {
      ...{ id, source, demo, sizeBytes, weightBytes, complete, addedAt: model.addedAt, usedAt: model.usedAt },
      ...{ partial: model.partial, problem: model.problem, verifiedAt: model.verifiedAt },
      latestRevision: model.latestRevision,
      updateAvailable: isUpdateAvailable(revisions, model.latestRevision),
      ...supportOf(facts.architecture, facts.customCode, facts.capabilities),
      parameters: facts.parameters,
      quantization: facts.quantization,
      architecture: facts.architecture,
      contextLength: facts.contextLength,
      capabilities: facts.capabilities,
      measured,
      parent: parentOf(id),
      revisions,
      isDefault: defaultModel() === id,
      fit: fitOf(facts.memory, {
        ...{ weightBytes, contextTokens: contextTokens(), limitBytes: limitBytes(), modelContext: facts.contextLength },
        measured: measured?.current === true ? measured.memory : null,
      }),
      profileId: implicitProfileId(id),
    };
  };
}

/** Null where the Hub has not been asked, or did not say. */
function isUpdateAvailable(revisions: readonly LocalRevision[], latest: string | null): boolean | null {
  return latest === null ? null : !revisions.some(({ revision, complete }) => revision === latest && complete);
}

/** A list of many models asks the machine and the profiles once, not once for each of its models. */
function oncePerTurn<Value>(read: () => Value): () => Value {
  let known: { readonly value: Value } | null = null;
  return () => {
    if (known === null) {
      known = { value: read() };
      queueMicrotask(() => (known = null));
    }
    return known.value;
  };
}
