import { join } from "node:path";

/** Places of one repository in the Hub cache (facts of the cache layout: `models--owner--name`). */
export interface RepositoryLayout {
  readonly root: string;
  readonly blobs: string;
  readonly trees: string;
  readonly snapshots: string;
  readonly refs: string;
  /** Ours alone: hidden, so that scans, prunes and the resume of other clients never see what is in it. */
  readonly parts: string;
  /** Name of a blob's unfinished file: per download, so that nobody else ever appends to it. */
  part(blobId: string, downloadId: string): string;
  journal(downloadId: string): string;
  /** A place for what is built aside and then renamed in. */
  aside(downloadId: string, what: "snapshot" | "tree" | "ref" | "journal" | "link" | "tag" | "draft"): string;
  /** A link that is about to be renamed over a blob. */
  blobLink(blobId: string, downloadId: string): string;
  /** What a commit that has begun is going to put into the repository; there until it has ended. */
  intent(downloadId: string): string;
  blob(blobId: string): string;
}

const blobIdPattern = /^([0-9a-f]{40}|[0-9a-f]{64})$/;
const downloadIdPattern = /^[A-Za-z0-9_-]{1,64}$/;

/** @throws Error for ids that are not fit to be file names: they were checked before, so this is a fault of ours. */
export function repositoryLayout(cachePath: string, model: string): RepositoryLayout {
  const root = join(cachePath, folderName(model));
  const parts = join(root, ".mlx-manager-parts");
  const blobs = join(root, "blobs");
  return {
    root,
    blobs,
    parts,
    trees: join(root, "trees"),
    snapshots: join(root, "snapshots"),
    refs: join(root, "refs"),
    part: (blobId, downloadId) =>
      join(parts, `${checked(blobId, blobIdPattern)}.${checked(downloadId, downloadIdPattern)}.part`),
    journal: (downloadId) => join(parts, `${checked(downloadId, downloadIdPattern)}.journal.json`),
    aside: (downloadId, what) => join(parts, `${checked(downloadId, downloadIdPattern)}.${what}`),
    blobLink: (blobId, downloadId) =>
      join(parts, `${checked(downloadId, downloadIdPattern)}.${checked(blobId, blobIdPattern)}.link`),
    intent: (downloadId) => join(parts, `${checked(downloadId, downloadIdPattern)}.intent.json`),
    blob: (blobId) => join(blobs, checked(blobId, blobIdPattern)),
  };
}

function folderName(model: string): string {
  const [owner = "", name = "", ...more] = model.split("/");
  if (more.length > 0 || !/^[\w.-]+$/.test(owner) || !/^[\w.-]+$/.test(name)) throw new Error("Not a model id.");
  return owner === "_" ? `models--${name}` : `models--${owner}--${name}`;
}

function checked(id: string, pattern: RegExp): string {
  if (!pattern.test(id)) throw new Error("Not an id that may become a file name.");
  return id;
}
