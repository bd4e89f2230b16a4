import type { LocalModel, ModelFacts } from "../local-model.ts";

/** What one look at a revision's files told. Plain data: it crosses threads and is kept in the table. */
export interface ScannedRevision {
  readonly revision: string;
  readonly refs: string[];
  readonly sizeBytes: number;
  readonly weightBytes: number;
  /** Bytes that no other revision and no other model uses. */
  readonly exclusiveBytes: number;
  readonly complete: boolean;
  /** Null when complete. */
  readonly missing: Missing | null;
  readonly path: string;
  readonly facts: ModelFacts;
  readonly modifiedMs: number;
}

/** What an engine would need and is not there; null where nothing tells how much. */
export interface Missing {
  readonly files: number | null;
  readonly bytes: number | null;
}

export interface ScannedModel {
  readonly id: string;
  readonly source: LocalModel["source"];
  readonly location: string;
  readonly sizeBytes: number;
  /** The one `main` means first, then newest first. */
  readonly revisions: ScannedRevision[];
  /** Unfinished downloads of other programs: names in `blobs`. */
  readonly foreignParts: string[];
  readonly foreignBytes: number;
  /** Why it cannot be used, for a person; null where the files tell enough. */
  readonly problem: string | null;
}

/** A repository of the Hub cache. */
export interface RepositoryPlace {
  readonly id: string;
  readonly location: string;
}

/** Plain folders: of somebody else, or made by a conversion here and therefore our own. */
export type FolderSource = "folder" | "converted";

export function isFolderSource(source: LocalModel["source"] | undefined): source is FolderSource {
  return source === "folder" || source === "converted";
}

/** A place that may hold a model. */
export interface ScanTarget {
  readonly id: string;
  readonly source: "hub-cache" | FolderSource;
  readonly location: string;
}

/** @param model null when there is no model at the place. */
export interface ScanAnswer {
  readonly id: string;
  readonly model: ScannedModel | null;
  /** Taken before the files were read, so that a change during the reading shows as one. */
  readonly stamp: Stamp | null;
  /** Why the place could not be read at all. */
  readonly error: string | null;
}

/** A cheap sign of the state of a place: equal texts, equal content. */
export interface Stamp {
  readonly text: string;
  /** The newest time in it: a change within the same tick of a file system's clock would not show. */
  readonly newestMs: number;
}
