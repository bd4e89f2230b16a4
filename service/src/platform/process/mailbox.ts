/** Runs the commands of one owner one after the other, in the order they came. */
export interface Mailbox {
  post<Result>(command: () => Promise<Result> | Result): Promise<Result>;
  /** Resolves when everything posted so far has run. */
  idle(): Promise<void>;
}

export function createMailbox(): Mailbox {
  let last: Promise<unknown> = Promise.resolve();
  const post = <Result>(command: () => Promise<Result> | Result): Promise<Result> => {
    const result = last.then(command);
    // The next command runs whatever this one does; its poster alone gets the error.
    last = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  };
  return { post, idle: async () => void (await last) };
}
