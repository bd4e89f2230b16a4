/** What a test says about a repository; everything else (oids, shas, pages) is computed from it. */

/**
 * Bytes of one file: given, kept on disk, or generated from a seed without ever being held whole.
 * `sha256` (64 hex) of a generated file is only a short cut for very large ones; it is trusted.
 */
export type FileContent = Buffer | string | { path: string } | { size: number; seed: number; sha256?: string };

export type FileSet = Record<string, FileContent>;

export interface RepoDefinition {
  /** `owner/name`, or a bare `name` as old repositories have it. */
  id: string;
  /** Content of the branch `main`. */
  files: FileSet;
  /** Further refs by full name: `v1.0`, `dev`, `refs/pr/1`. */
  branches?: Record<string, FileSet>;
  /** Which files are stored as LFS. Default: 10 MiB and more, `*.safetensors`, `tokenizer.json`. */
  lfs?: (path: string, size: number) => boolean;
  tags?: string[];
  pipelineTag?: string;
  libraryName?: string;
  downloads?: number;
  likes?: number;
  trendingScore?: number;
  gated?: false | "auto" | "manual";
  private?: boolean;
  disabled?: boolean;
  /** `config.json` as the Hub read it; lists show only a part of it. */
  config?: Record<string, unknown>;
  cardData?: Record<string, unknown>;
  safetensors?: { parameters: Record<string, number>; total: number };
  /** ISO-8601. Also the date of the first commit. */
  lastModified?: string;
  createdAt?: string;
  /** Local apps that list this repository; default by tags. */
  apps?: string[];
  /** LFS files also carry a Xet hash: derived (`true`) or given per path. No Xet storage stands behind it. */
  xetHash?: boolean | ((path: string) => string | undefined);
  /** Earlier ids; the Hub answers them with a 307 to the present one. */
  renamedFrom?: string[];
}

export interface RepoUpdate {
  /** Added or replaced files. */
  files?: FileSet;
  /** Paths to drop. */
  remove?: string[];
  /** Ref that moves; default `main`. An unknown one starts from `main`. */
  branch?: string;
  message?: string;
  lastModified?: string;
}

/** One account by its token. `accepted`: gated ids it may read; `reads`: private ids of other owners. */
export interface Account {
  name: string;
  accepted?: string[];
  reads?: string[];
}
