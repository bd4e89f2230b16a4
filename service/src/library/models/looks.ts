import { join } from "node:path";
import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import { builtInId, scanBuiltIn } from "./built-in.ts";
import { folderOfId, listRepositories } from "./cache/cache-layout.ts";
import type { LibraryState } from "./library-state.ts";
import { isFolderSource } from "./cache/scanned-model.ts";
import type { ScanAnswer, ScanTarget } from "./cache/scanned-model.ts";
import type { Scanner } from "./cache/scanner.ts";
import { stampOfFolder, stampOfRepository } from "./cache/stamp.ts";

/** Looks at the places of models and hands what it sees to the state. */
export interface Looks {
  /** Reads one place anew, whatever its stamp says. Calls while one waits share it. */
  one(id: string): Promise<void>;
  /** Compares every stamp and reads what differs. Shared like `one`. */
  all(): Promise<Compared>;
  /** Compares one stamp and reads the place if it differs. */
  changed(id: string): Promise<void>;
  builtIn(): Promise<void>;
  /** What a look begun earlier sees of this model is out of date and will not count. */
  outdate(id: string): void;
}

export interface Compared {
  /** How long comparing took, reading aside. */
  readonly milliseconds: number;
  /** Places that were read. */
  readonly read: number;
}

export interface LooksOptions {
  readonly cachePath: string;
  readonly demoModelPath: string;
  readonly state: LibraryState;
  readonly scanner: Scanner;
  /** Called with each place that has just changed: it should be compared again in a while. */
  readonly onUnsettled: (id: string) => void;
  readonly clock: Clock;
  readonly log: Log;
}

const stampsAtOnce = 8;
const targetsAtOnce = 200;

export function createLooks(options: LooksOptions): Looks {
  const { cachePath, demoModelPath, state, scanner, onUnsettled, clock, log } = options;
  /** When the newest look or change of each model began; answers of earlier looks are dropped. */
  const begun = new Map<string, number>();
  let turn = 0;

  const targetOf = (id: string): ScanTarget => {
    const known = state.scanned(id);
    if (known !== null && isFolderSource(known.source)) return { id, source: known.source, location: known.location };
    return { id, source: "hub-cache", location: join(cachePath, folderOfId(id)) };
  };

  const take = (answers: readonly ScanAnswer[], since: number): void => {
    for (const { id, model, stamp, error } of answers) {
      if ((begun.get(id) ?? 0) > since) continue;
      if (error !== null) log.warn({ error, model: id }, "a model in the cache cannot be read");
      if (model === null) state.forget(id, stamp);
      else state.accept(model, stamp);
      if (state.isUnsettled(id)) onUnsettled(id);
    }
  };

  const look = async (id: string): Promise<void> => {
    if (id === builtInId) return await builtIn();
    const since = ++turn;
    begun.set(id, since);
    await scanner.scan([targetOf(id)], (answers) => take(answers, since));
  };

  const builtIn = async (): Promise<void> => {
    const scanned = await scanBuiltIn(demoModelPath);
    if (scanned === null) state.forget(builtInId, null);
    else state.accept(scanned, null);
  };

  /** The stamp on the disk now; null when there is nothing. */
  const stampNow = async ({ id, source, location }: ScanTarget): Promise<string | null> => {
    const stamp = isFolderSource(source)
      ? await stampOfFolder(location)
      : await stampOfRepository(location, state.scanned(id)?.foreignParts ?? []);
    return stamp?.text ?? null;
  };

  const differs = async (target: ScanTarget): Promise<boolean> => {
    try {
      const stamp = await stampNow(target);
      const isKnown = state.scanned(target.id) !== null;
      if (stamp === null && !isKnown) return false;
      return (stamp ?? "-") !== state.stamp(target.id) || state.isUnsettled(target.id);
    } catch (error) {
      log.debug({ error, model: target.id }, "a model's folders cannot be looked at");
      return state.scanned(target.id) !== null;
    }
  };

  const lookAtAll = async (): Promise<Compared> => {
    const since = ++turn;
    const startedAt = clock.monotonic();
    const cached = (await listRepositories(cachePath)).map(({ id }) => id);
    const present = new Set(cached);
    const folders = state.ids().filter((id) => isFolderSource(state.scanned(id)?.source));
    const queue = [...cached, ...folders].map(targetOf);
    const changed: ScanTarget[] = [];
    const work = async () => {
      for (let target = queue.pop(); target !== undefined; target = queue.pop()) {
        if (await differs(target)) changed.push(target);
      }
    };
    await Promise.all(Array.from({ length: stampsAtOnce }, work));
    for (const id of state.ids()) {
      const isElsewhere = id === builtInId || isFolderSource(state.scanned(id)?.source);
      if (!present.has(id) && !isElsewhere && (begun.get(id) ?? 0) < since) state.forget(id, null);
    }
    const milliseconds = clock.monotonic() - startedAt;
    for (let start = 0; start < changed.length; start += targetsAtOnce) {
      await scanner.scan(changed.slice(start, start + targetsAtOnce), (answers) => take(answers, since));
    }
    return { milliseconds, read: changed.length };
  };

  const shareOne = shared(look);
  const shareAll = shared(lookAtAll);
  return {
    one: shareOne,
    all: () => shareAll(""),
    async changed(id) {
      if (await differs(targetOf(id))) await shareOne(id);
    },
    builtIn,
    outdate: (id) => void begun.set(id, ++turn),
  };
}

/** One run per key at a time; whoever asks during one gets the next, together with all others who ask meanwhile. */
function shared<Result>(run: (key: string) => Promise<Result>): (key: string) => Promise<Result> {
  const running = new Map<string, Promise<unknown>>();
  const waiting = new Map<string, Promise<Result>>();
  return (key) => {
    const joined = waiting.get(key);
    if (joined !== undefined) return joined;
    const next = settled(running.get(key)).then(() => {
      // From here on a new call wants a newer look.
      waiting.delete(key);
      return run(key);
    });
    waiting.set(key, next);
    running.set(key, next);
    void settled(next).then(() => {
      if (running.get(key) === next) running.delete(key);
    });
    return next;
  };
}

/** How it ended concerns those who wait for the result. */
async function settled(work: Promise<unknown> | undefined): Promise<void> {
  await work?.then(
    () => undefined,
    () => undefined,
  );
}
