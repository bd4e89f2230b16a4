import { existsSync, readFileSync, watch } from "node:fs";
import { basename, dirname } from "node:path";

/** Follows a file to which another process appends JSON lines. */
export interface JsonLines<Entry> {
  /** What was written until now. */
  readonly entries: readonly Entry[];
  /** Resolves with the first entry that fits, now or when it is written. */
  until(fits: (entry: Entry) => boolean): Promise<Entry>;
  close(): void;
}

/** @param file in a folder that exists; the file itself may come later. */
export function followJsonLines<Entry>(file: string): JsonLines<Entry> {
  const entries: Entry[] = [];
  const waiting = new Set<{ fits: (entry: Entry) => boolean; resolve: (entry: Entry) => void }>();
  let taken = 0;
  const look = (): void => {
    if (!existsSync(file)) return;
    const text = readFileSync(file).subarray(taken);
    const end = text.lastIndexOf("\n") + 1;
    taken += end;
    for (const line of text.subarray(0, end).toString("utf8").split("\n")) {
      if (line === "") continue;
      const entry = JSON.parse(line) as Entry;
      entries.push(entry);
      for (const one of waiting)
        if (one.fits(entry)) {
          waiting.delete(one);
          one.resolve(entry);
        }
    }
  };
  const watcher = watch(dirname(file), (_type, name) => {
    if (name === null || name === basename(file)) look();
  });
  look();
  return {
    entries,
    until: (fits) =>
      new Promise((resolve) => {
        look();
        const found = entries.find(fits);
        if (found === undefined) waiting.add({ fits, resolve });
        else resolve(found);
      }),
    close: () => watcher.close(),
  };
}
