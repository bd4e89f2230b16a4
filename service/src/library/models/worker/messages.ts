import type { RepositoryPlace, ScanAnswer, ScanTarget } from "../cache/scanned-model.ts";
import type { Usage } from "./usage.ts";
import type { Litter } from "./litter.ts";

/** To the library worker. One question at a time each; answers to `scan` come in batches that have to be taken. */
export type LibraryCommand =
  | { readonly type: "scan"; readonly request: number; readonly targets: readonly ScanTarget[] }
  | { readonly type: "taken"; readonly request: number }
  | { readonly type: "usage"; readonly request: number; readonly repositories: readonly RepositoryPlace[] }
  | {
      readonly type: "litter";
      readonly request: number;
      readonly repositories: readonly RepositoryPlace[];
      readonly now: number;
    };

export type LibraryAnswer =
  | { readonly type: "scanned"; readonly request: number; readonly answers: ScanAnswer[] }
  | { readonly type: "usage"; readonly request: number; readonly usage: Usage }
  | { readonly type: "litter"; readonly request: number; readonly litter: Litter[] }
  | { readonly type: "done"; readonly request: number; readonly error: string | null };

export interface LibraryWorkerData {
  readonly cachePath: string;
}
