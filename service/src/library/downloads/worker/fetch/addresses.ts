import { orAbort } from "./or-abort.ts";

/** Where files lie: found out once per file, by one request, however many connections want to know. */
export interface Addresses {
  /**
   * The address to ask. Whoever gets one that is not known yet finds it out for all and must call `learn`.
   * Rejects with the signal's reason.
   */
  find(path: string, signal: AbortSignal): Promise<FoundAddress>;
  /** The address does not work any more. True when it had worked before, so that a new one may. */
  expire(path: string, address: string): boolean;
}

export interface FoundAddress {
  readonly address: string;
  readonly isKnown: boolean;
  /** Null: it could not be found out, somebody else may try. Later calls do nothing. */
  learn(address: string | null): void;
  /** The address has brought bytes. */
  works(): void;
}

interface Known {
  readonly address: string;
  hasWorked: boolean;
}

/** @param first where to ask for a file that nothing is known of. */
export function createAddresses(first: (path: string) => string): Addresses {
  const known = new Map<string, Known>();
  const asked = new Map<string, PromiseWithResolvers<void>>();

  const lead = (path: string): FoundAddress => {
    const question = Promise.withResolvers<void>();
    asked.set(path, question);
    let learned: Known | null = null;
    return {
      address: first(path),
      isKnown: false,
      learn(address) {
        if (asked.get(path) !== question) return;
        asked.delete(path);
        if (address !== null) known.set(path, (learned = { address, hasWorked: false }));
        question.resolve();
      },
      works: () => void (learned && (learned.hasWorked = true)),
    };
  };

  return {
    async find(path, signal) {
      for (;;) {
        signal.throwIfAborted();
        const present = known.get(path);
        if (present) {
          const works = () => void (present.hasWorked = true);
          return { address: present.address, isKnown: true, learn: () => undefined, works };
        }
        const question = asked.get(path);
        if (!question) return lead(path);
        await orAbort(question.promise, signal);
      }
    },
    expire(path, address) {
      const present = known.get(path);
      // Another connection has seen it before and asked anew.
      if (present?.address !== address) return true;
      known.delete(path);
      return present.hasWorked;
    },
  };
}
