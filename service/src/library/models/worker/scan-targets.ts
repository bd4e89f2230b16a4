import { join } from "node:path";
import { scanRepository } from "../cache/cache-scan.ts";
import { scanPlainFolder } from "../cache/folder-scan.ts";
import { namesIn, statOrNull } from "../cache/snapshot-files.ts";
import { isFolderSource } from "../cache/scanned-model.ts";
import type { ScanAnswer, ScanTarget } from "../cache/scanned-model.ts";
import type { SharedStore } from "../cache/shared-store.ts";
import { stampOfFolder, stampOfRepository } from "../cache/stamp.ts";

const batchSize = 4;

/** Looks at each place; hands the answers over in small batches and waits until each is taken. */
export async function scanTargets(
  targets: readonly ScanTarget[],
  store: SharedStore,
  hand: (answers: ScanAnswer[]) => Promise<void>,
): Promise<void> {
  let taken: Promise<void> = Promise.resolve();
  for (let start = 0; start < targets.length; start += batchSize) {
    const batch = targets.slice(start, start + batchSize);
    const answers = await Promise.all(batch.map((target) => scanTarget(target, store)));
    // The next are read while these are taken, no more: what was read long ago may be out of date.
    await taken;
    taken = hand(answers);
  }
  await taken;
}

/** One unreadable folder must not hide the others: what went wrong is its answer. */
async function scanTarget({ id, source, location }: ScanTarget, store: SharedStore): Promise<ScanAnswer> {
  try {
    if (isFolderSource(source)) {
      const stamp = await stampOfFolder(location);
      return { id, stamp, model: await scanPlainFolder(id, location, source), error: null };
    }
    if (!(await statOrNull(location))?.isDirectory()) return { id, stamp: null, model: null, error: null };
    const parts = (await namesIn(join(location, "blobs"))).filter((name) => name.endsWith(".incomplete")).sort();
    const stamp = await stampOfRepository(location, parts);
    return { id, stamp, model: await scanRepository(id, location, store), error: null };
  } catch (error) {
    return { id, stamp: null, model: null, error: String(error) };
  }
}
