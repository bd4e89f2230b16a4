import { mayRead, visibleRepository } from "./access.ts";
import { bufferSource } from "./byte-source.ts";
import { answer, redirect, refuse } from "./exchange.ts";
import type { Exchange, Headers } from "./exchange.ts";
import { lfsPointer } from "./git-objects.ts";
import type { Commit, Repository, StoredFile } from "./repository.ts";
import { commitOrRefuse, splitRevision } from "./revisions.ts";
import { sendFile } from "./send-file.ts";

/** `/{id}/resolve/{revision}/{path}`: git files go to the resolve cache, LFS files to a signed CDN address. */
export async function resolveFile(exchange: Exchange, id: string, rest: string[]): Promise<void> {
  const found = readableFile(exchange, id, rest);
  if (!found) return;
  const { commit, file } = found;
  const headers: Headers = { "x-repo-commit": commit.sha, "accept-ranges": "bytes" };
  if (!file.lfs && exchange.state.faults.take(exchange.record, "direct-answer")) {
    return sendFile(exchange, file.source, file.oid, { ...headers, "content-type": "text/plain; charset=utf-8" });
  }
  if (!file.lfs) {
    const { path, query } = exchange.record;
    const encoded = file.path.split("/").map(encodeURIComponent).join("/");
    const original = `${encodeURIComponent(path + (query.size > 0 ? `?${query}` : ""))}=`;
    const location = `/api/resolve-cache/models/${id}/${commit.sha}/${encoded}?${original}&etag=%22${file.oid}%22`;
    return redirect(exchange, 307, location, headers);
  }
  headers["x-linked-size"] = String(file.size);
  headers["x-linked-etag"] = `"${file.lfs.oid}"`;
  if (file.xetHash) Object.assign(headers, xetHeaders(exchange, id, commit, file.xetHash));
  if (file.xetHash && String(exchange.request.headers.accept ?? "").includes("application/vnd.xet-fileinfo+json")) {
    const type = { "content-type": "application/vnd.xet-fileinfo+json" };
    return answer(exchange, 200, { hash: file.xetHash, size: file.size, etag: file.lfs.oid }, { ...headers, ...type });
  }
  const limit = exchange.state.faults.take(exchange.record, "expire-url");
  const signed = { repo: id, commit: commit.sha, path: file.path, sha256: file.lfs.oid };
  redirect(exchange, 302, exchange.state.signedUrls.sign(signed, limit), headers);
}

/** `/api/resolve-cache/models/{id}/{sha}/{path}`: the bytes of a git file. A branch name is refused with 400. */
export async function sendCachedFile(exchange: Exchange, id: string, rest: string[]): Promise<void> {
  if (!/^[0-9a-f]{40}$/.test(rest[0] ?? "")) return refuse(exchange, 400, undefined, "Invalid commit hash");
  const found = readableFile(exchange, id, rest);
  if (!found) return;
  const { commit, file } = found;
  const name = encodeURIComponent(file.path.split("/").pop()!);
  await sendFile(exchange, file.source, file.oid, {
    "content-type": "text/plain; charset=utf-8",
    "content-disposition": `inline; filename*=UTF-8''${name}; filename="${name}";`,
    "cache-control": "public, max-age=31536000, immutable",
    "x-repo-commit": commit.sha,
  });
}

/** `/{id}/raw/{revision}/{path}`: what git stores, so of an LFS file only its pointer. */
export async function sendRawFile(exchange: Exchange, id: string, rest: string[]): Promise<void> {
  const found = readableFile(exchange, id, rest);
  if (!found) return;
  const { commit, file } = found;
  const source = file.lfs ? bufferSource(Buffer.from(lfsPointer(file.lfs.oid, file.size))) : file.source;
  const headers: Headers = { "content-type": "text/plain; charset=utf-8", "x-repo-commit": commit.sha };
  await sendFile(exchange, source, file.oid, headers);
}

/** `GET /api/models/{id}/auth-check` */
export function checkAccess(exchange: Exchange, id: string): void {
  const repository = visibleRepository(exchange, id);
  if (repository && mayRead(exchange, repository)) answer(exchange, 200, "OK");
}

function readableFile(exchange: Exchange, id: string, rest: string[]) {
  const repository = visibleRepository(exchange, id);
  if (!repository || !mayRead(exchange, repository)) return undefined;
  const { revision, path } = splitRevision(rest);
  exchange.record.file = path;
  const commit = commitOrRefuse(exchange, repository, revision);
  if (!commit) return undefined;
  return fileOrRefuse(exchange, repository, commit, path);
}

function fileOrRefuse(exchange: Exchange, repository: Repository, commit: Commit, path: string) {
  const file: StoredFile | undefined = commit.files.get(path);
  if (file) return { repository, commit, file };
  // The commit is named here too: clients remember that this revision lacks the file.
  refuse(exchange, 404, "EntryNotFound", "Entry not found", { "x-repo-commit": commit.sha });
  return undefined;
}

function xetHeaders({ state }: Exchange, id: string, commit: Commit, hash: string): Headers {
  const auth = new URL(`/api/models/${id}/xet-read-token/${commit.sha}`, state.url()).href;
  const reconstruction = new URL(`/v1/reconstructions/${hash}`, state.cdnUrl()).href;
  return {
    "x-xet-hash": hash,
    link: `<${auth}>; rel="xet-auth", <${reconstruction}>; rel="xet-reconstruction-info"`,
  };
}
