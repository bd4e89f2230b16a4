/** A queued download as far as its turn depends on it. */
export interface Waiting {
  readonly id: string;
  readonly model: string;
}

/**
 * Who may begin now: oldest first, at most `limit` at once, and one per model, since two revisions share blobs and a
 * blob has one writer.
 * @param running models of the downloads at work.
 */
export function nextToStart(waiting: readonly Waiting[], running: readonly string[], limit: number): string[] {
  const busy = new Set(running);
  const chosen: string[] = [];
  for (const { id, model } of waiting) {
    if (running.length + chosen.length >= limit) break;
    if (busy.has(model)) continue;
    busy.add(model);
    chosen.push(id);
  }
  return chosen;
}
