import type { IncomingMessage } from "node:http";

import { visibleRepository } from "./access.ts";
import { answer, nextLink, refuse } from "./exchange.ts";
import type { Exchange, Headers } from "./exchange.ts";
import type { Commit, StoredFile } from "./repository.ts";
import { commitOrRefuse, splitRevision } from "./revisions.ts";

type Entry = Record<string, unknown> & { path: string };

/** `GET /api/models/{id}/tree/{revision}[/path]?recursive&expand` */
export function listTree(exchange: Exchange, id: string, rest: string[]): void {
  const repository = visibleRepository(exchange, id);
  const { revision, path } = splitRevision(rest);
  const commit = repository && commitOrRefuse(exchange, repository, revision);
  if (!commit) return;
  if (!commit.folders.has(path)) {
    const isFile = commit.files.has(path);
    const message = isFile ? `${path} is not a directory` : `${path} does not exist on "${revision}"`;
    return refuse(exchange, 404, "EntryNotFound", message, { "x-repo-commit": commit.sha });
  }
  const { query } = exchange.record;
  const isExpanded = isOn(query.get("expand"));
  const entries = entriesBelow(commit, path, isOn(query.get("recursive")), isExpanded);
  const start = offsetOf(query.get("cursor"));
  const { pageSizes } = exchange.state;
  const wanted = Number(query.get("limit") ?? Infinity) || Infinity;
  const end = start + Math.min(wanted, isExpanded ? pageSizes.treeExpanded : pageSizes.tree);
  const headers: Headers = end < entries.length ? { link: nextLink(exchange, cursorAt(end)) } : {};
  answer(exchange, 200, entries.slice(start, end), headers);
}

/** `POST /api/models/{id}/paths-info/{revision}`, as form (Python) or JSON (JavaScript); unknown paths are left out. */
export async function pathsInfo(exchange: Exchange, id: string, rest: string[]): Promise<void> {
  const body = await readBody(exchange.request);
  const repository = visibleRepository(exchange, id);
  const commit = repository && commitOrRefuse(exchange, repository, splitRevision(rest).revision);
  if (!commit) return;
  const { paths, expand } = wantedPaths(String(exchange.request.headers["content-type"] ?? ""), body);
  const entries = paths.flatMap((path) => {
    const clean = path.replace(/\/$/, "");
    const file = commit.files.get(clean);
    if (file) return [fileEntry(commit, file, expand)];
    const oid = commit.folders.get(clean);
    return oid && clean !== "" ? [folderEntry(commit, clean, oid, expand)] : [];
  });
  answer(exchange, 200, entries);
}

function entriesBelow(commit: Commit, folder: string, isRecursive: boolean, isExpanded: boolean): Entry[] {
  const prefix = folder === "" ? "" : `${folder}/`;
  const isListed = (path: string): boolean =>
    path !== "" && path.startsWith(prefix) && (isRecursive || !path.slice(prefix.length).includes("/"));
  const folders = [...commit.folders].filter(([path]) => isListed(path));
  const files = [...commit.files.values()].filter(({ path }) => isListed(path));
  const byPath = (a: Entry, b: Entry): number => (a.path < b.path ? -1 : 1);
  return [
    ...folders.map(([path, oid]) => folderEntry(commit, path, oid, isExpanded)).sort(byPath),
    ...files.map((file) => fileEntry(commit, file, isExpanded)).sort(byPath),
  ];
}

function fileEntry(commit: Commit, file: StoredFile, isExpanded: boolean): Entry {
  return {
    type: "file",
    oid: file.oid,
    size: file.size,
    ...(file.lfs ? { lfs: file.lfs } : {}),
    ...(file.xetHash ? { xetHash: file.xetHash } : {}),
    path: file.path,
    ...(isExpanded ? { lastCommit: lastCommit(commit), securityFileStatus: scanned } : {}),
  };
}

/** Outcome of the Hub's malware scans, the same for every file. */
const scanned = {
  status: "safe",
  avScan: { status: "safe", virusFound: false, virusNames: null },
  pickleImportScan: null,
};

function folderEntry(commit: Commit, path: string, oid: string, isExpanded: boolean): Entry {
  return { type: "directory", oid, size: 0, path, ...(isExpanded ? { lastCommit: lastCommit(commit) } : {}) };
}

function lastCommit({ sha, message, date }: Commit): Record<string, string> {
  return { id: sha, title: message, date };
}

function wantedPaths(contentType: string, body: string): { paths: string[]; expand: boolean } {
  if (contentType.startsWith("application/json")) {
    const { paths = [], expand = false } = JSON.parse(body) as { paths?: string | string[]; expand?: boolean };
    return { paths: [paths].flat(), expand };
  }
  const form = new URLSearchParams(body);
  return { paths: form.getAll("paths"), expand: isOn(form.get("expand")) };
}

function isOn(value: string | null): boolean {
  return value !== null && /^(1|true)$/i.test(value);
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** A tree is of one commit and never moves: the place of the next page is a number. */
function cursorAt(offset: number): string {
  return Buffer.from(JSON.stringify({ offset })).toString("base64url");
}

function offsetOf(cursor: string | null): number {
  if (cursor === null) return 0;
  return (JSON.parse(Buffer.from(cursor, "base64url").toString()) as { offset: number }).offset;
}
