import { refuse } from "./exchange.ts";
import type { Exchange } from "./exchange.ts";
import { findCommit } from "./repository.ts";
import type { Commit, Repository } from "./repository.ts";

/**
 * Split `{revision}/{path…}`. A revision is one encoded segment (`refs%2Fpr%2F1`), or written out as
 * `refs/pr/1`, which some clients send.
 */
export function splitRevision(segments: string[]): { revision: string; path: string } {
  const isPlainRef = segments[0] === "refs" && segments.length >= 3;
  const count = isPlainRef ? 3 : 1;
  const decoded = segments.map((segment) => decodeURIComponent(segment));
  return { revision: decoded.slice(0, count).join("/"), path: decoded.slice(count).join("/") };
}

/** The commit, or a 404 that says `RevisionNotFound`. */
export function commitOrRefuse(exchange: Exchange, repository: Repository, revision: string): Commit | undefined {
  const commit = findCommit(repository, revision);
  if (!commit) refuse(exchange, 404, "RevisionNotFound", `Invalid rev id: ${revision}`);
  return commit;
}
