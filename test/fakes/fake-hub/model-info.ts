import { visibleRepository } from "./access.ts";
import { answer, refuse } from "./exchange.ts";
import type { Exchange } from "./exchange.ts";
import { expandValues, modelFields } from "./model-facts.ts";
import type { Commit } from "./repository.ts";
import { commitOrRefuse, splitRevision } from "./revisions.ts";

/** What a plain answer carries: everything but the rarer fields. */
const plainFields = (
  "author sha lastModified private gated disabled downloads likes tags pipeline_tag library_name cardData config " +
  "createdAt safetensors model-index siblings spaces usedStorage"
).split(" ");

/** `GET /api/models/{id}` and `/api/models/{id}/revision/{revision}` */
export function modelInfo(exchange: Exchange, id: string, rest: string[]): void {
  const repository = visibleRepository(exchange, id);
  if (!repository) return;
  const { revision } = rest.length > 0 ? splitRevision(rest) : { revision: "main" };
  const commit = commitOrRefuse(exchange, repository, revision);
  if (!commit) return;
  const { query } = exchange.record;
  const expand = [...query.getAll("expand"), ...query.getAll("expand[]")];
  const unknown = expand.find((name) => !expandValues.includes(name));
  if (unknown !== undefined) return refuse(exchange, 400, undefined, `Invalid value for expand: ${unknown}`);
  if (expand.length > 0 && query.has("blobs"))
    return refuse(exchange, 400, undefined, "expand cannot be combined with blobs");
  if (expand.length > 0) return answer(exchange, 200, modelFields(repository, commit, expand));

  const info = { ...modelFields(repository, commit, plainFields), modelId: id };
  const withBlobs = /^(1|true)$/i.test(query.get("blobs") ?? "");
  answer(exchange, 200, withBlobs ? { ...info, siblings: siblingsWithBlobs(commit) } : info);
}

/** `GET /api/models/{id}/refs` */
export function listRefs(exchange: Exchange, id: string): void {
  const repository = visibleRepository(exchange, id);
  if (!repository) return;
  const all = [...repository.refs].map(([name, commit]) => ({ name, targetCommit: commit.sha }));
  const isPullRequest = ({ name }: { name: string }): boolean => name.startsWith("refs/pr/");
  answer(exchange, 200, {
    branches: all.filter((ref) => !isPullRequest(ref)).map((ref) => ({ ...ref, ref: `refs/heads/${ref.name}` })),
    tags: [],
    converts: [],
    pullRequests: all.filter(isPullRequest).map((ref) => ({ ...ref, ref: ref.name })),
  });
}

/** `GET /api/models/{id}/commits/{revision}` */
export function listCommits(exchange: Exchange, id: string, rest: string[]): void {
  const repository = visibleRepository(exchange, id);
  const { revision } = splitRevision(rest);
  const commit = repository && commitOrRefuse(exchange, repository, revision);
  if (!repository || !commit) return;
  answer(
    exchange,
    200,
    history(commit).map(({ sha, message, date }) => describe(sha, message, date)),
  );
}

function describe(id: string, title: string, date: string): Record<string, unknown> {
  return { id, title, message: "", authors: [{ user: "fake-hub" }], date };
}

/** Newest first. */
function history(commit: Commit): Commit[] {
  return commit.parent ? [commit, ...history(commit.parent)] : [commit];
}

function siblingsWithBlobs(commit: Commit): Record<string, unknown>[] {
  return [...commit.files.values()]
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .map(({ path, size, oid, lfs }) => ({
      rfilename: path,
      size,
      blobId: oid,
      ...(lfs ? { lfs: { sha256: lfs.oid, size: lfs.size, pointerSize: lfs.pointerSize } } : {}),
    }));
}
