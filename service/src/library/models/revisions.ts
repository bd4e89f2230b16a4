import type { LocalRevision } from "./local-model.ts";

export function isCommit(name: string): boolean {
  return /^[0-9a-f]{40}$/.test(name);
}

/**
 * The revision a name means: a ref, a whole sha, or at least seven digits of one that are not ambiguous. Without a
 * ref `main` (caches that were copied by hand), `main` is the newest complete one. Null when there is none.
 */
export function findRevision(revisions: readonly LocalRevision[], name: string): LocalRevision | null {
  const exact = revisions.find(({ refs, revision }) => refs.includes(name) || revision === name);
  if (exact) return exact;
  if (name === "main") return revisions.find(({ complete }) => complete) ?? revisions[0] ?? null;
  if (!/^[0-9a-f]{7,}$/.test(name)) return null;
  const matching = revisions.filter(({ revision }) => revision.startsWith(name));
  return matching.length === 1 ? (matching[0] ?? null) : null;
}
