/** Waiting for what a person would see, without sleeping. */

interface Source {
  /** What went wrong for good; undefined while nothing did. */
  failure(): unknown;
  /** Put into the error when the wait was in vain. */
  describe(): string;
}

export function createWaiting(source: Source) {
  const checks = new Set<() => void>();

  function wake(): void {
    for (const check of [...checks]) check();
  }

  /**
   * Resolves with the first truthy answer of `predicate`, asked again after every render and every recorded happening, and
   * now and then for what changes outside. An exception counts as "not yet"; after `ms` the screen is in the error.
   */
  async function waitFor<Answer>(predicate: () => Answer, ms = 5_000): Promise<NonNullable<Answer>> {
    let last: unknown;
    return await new Promise((resolve, reject) => {
      const finish = (settle: () => void) => {
        checks.delete(check);
        clearInterval(interval);
        clearTimeout(timeout);
        settle();
      };
      const check = () => {
        const failure = source.failure();
        if (failure !== undefined) return finish(() => reject(failure));
        try {
          const answer = predicate();
          if (answer) finish(() => resolve(answer as NonNullable<Answer>));
        } catch (error) {
          last = error;
        }
      };
      const interval = setInterval(check, 25);
      const timeout = setTimeout(() => {
        const reason = `Not seen after ${ms} ms: ${predicate}\n${source.describe()}`;
        finish(() => reject(new Error(reason, { cause: last })));
      }, ms);
      checks.add(check);
      check();
    });
  }

  return { wake, waitFor };
}
