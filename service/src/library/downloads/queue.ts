import type { DownloadPriority } from "../../contract/downloads.ts";

/** A download as far as its turn depends on it. */
export interface Waiting {
  readonly id: string;
  readonly model: string;
  readonly priority: DownloadPriority;
}

export interface AtWork extends Waiting {
  /** Already told to stop: its place is free in a moment. */
  readonly isLeaving: boolean;
  /** False while it is put into place: that takes a moment and is not broken off. */
  readonly mayYield: boolean;
}

export interface Turns {
  readonly start: readonly string[];
  /** These go back into the queue and keep what they have. */
  readonly yield: readonly string[];
}

const ranks = { low: 0, normal: 1, high: 2 } as const satisfies Record<DownloadPriority, number>;

/** Highest first, and within a priority as they came. @param downloads oldest first. */
export function inOrder<Item extends { readonly priority: DownloadPriority }>(downloads: readonly Item[]): Item[] {
  return [...downloads].sort((a, b) => ranks[b.priority] - ranks[a.priority]);
}

/** Whether a download that was asked for again is to go faster than it does. */
export function isHigher(priority: DownloadPriority, than: DownloadPriority): boolean {
  return ranks[priority] > ranks[than];
}

/**
 * Who begins and who makes room: at most `limit` at work, and one per model, since two revisions share blobs and a
 * blob has one writer. One that waits takes the place of one of a lower priority; of two such the newer gives way.
 * @param waiting oldest first, as `running`.
 */
export function nextTurns(waiting: readonly Waiting[], running: readonly AtWork[], limit: number): Turns {
  const start: string[] = [];
  const yielding: string[] = [];
  const busy = new Set(running.map(({ model }) => model));
  let staying = running.filter(({ isLeaving }) => !isLeaving);
  let placesNow = limit - running.length;
  const send = (one: AtWork): void => {
    yielding.push(one.id);
    staying = staying.filter(({ id }) => id !== one.id);
  };
  /** Of lower rank than `rank`: the lowest, of those the newest. */
  const lowest = (rank: number): AtWork | undefined =>
    inOrder(staying.filter(({ mayYield, priority }) => mayYield && ranks[priority] < rank)).at(-1);

  while (staying.length > limit) {
    const surplus = lowest(Infinity);
    if (!surplus) break;
    send(surplus);
  }
  // Places that are free or about to be, and not yet promised to somebody ahead in the queue.
  let places = limit - staying.length;
  for (const { id, model, priority } of inOrder(waiting)) {
    const rank = ranks[priority];
    if (busy.has(model)) {
      const blocker = staying.find((one) => one.model === model);
      if (blocker && (!blocker.mayYield || ranks[blocker.priority] >= rank)) continue;
      if (blocker) send(blocker);
      else places -= 1;
      continue;
    }
    if (places <= 0) {
      const victim = lowest(rank);
      if (!victim) continue;
      send(victim);
      places += 1;
    }
    places -= 1;
    // What is about to be free is waited for; the next look gives it away in the same order.
    if (placesNow <= 0) continue;
    placesNow -= 1;
    busy.add(model);
    start.push(id);
  }
  return { start, yield: yielding };
}
