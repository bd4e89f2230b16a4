import type { Profile } from "../../contract/profiles.ts";
import { checkAdapterFolder } from "./adapter-folder.ts";

/** A place of the library that serves together with the model. */
export interface LibraryPlace {
  readonly model: string;
  readonly revision: string;
  readonly path: string;
  readonly weightBytes: number;
}

/** What a server needs beside its model. */
export interface Companions {
  readonly draft: LibraryPlace | null;
  /** `held`: what the library must keep while it serves; null for a folder of the user's own. */
  readonly adapter: { readonly path: string; readonly held: { model: string; revision: string } | null } | null;
}

/** What finding them asks of the library. */
export interface CompanionModels {
  /** A complete model. @throws AppError `model_not_found`, `revision_not_found` */
  locate(id: string, revision: string): LibraryPlace;
  /** Also of an adapter, which is no whole model. @throws as `locate`. */
  getRevision(id: string, revision: string): { readonly revision: string; readonly path: string };
}

/**
 * Finds the draft model and the adapter of a profile on this machine.
 * @throws AppError for what is not here, or is no adapter.
 */
export function companionsOf({ engineOptions }: Pick<Profile, "engineOptions">, models: CompanionModels): Companions {
  const { draftModel, adapterPath } = engineOptions;
  const draft = draftModel === undefined ? null : models.locate(draftModel, "main");
  if (adapterPath === undefined) return { draft, adapter: null };
  const adapter = findAdapter(adapterPath, models);
  checkAdapterFolder(adapter.path);
  return { draft, adapter };
}

function findAdapter(place: string, models: CompanionModels): NonNullable<Companions["adapter"]> {
  if (place.startsWith("/")) return { path: place, held: null };
  const { path, revision } = models.getRevision(place, "main");
  return { path, held: { model: place, revision } };
}
