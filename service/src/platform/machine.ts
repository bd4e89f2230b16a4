import { AppError } from "./errors.ts";

/** From each state, the states it may go to. Written `as const satisfies TransitionTable<State>`. */
export type TransitionTable<State extends string> = { readonly [From in State]: readonly State[] };

/** Whether the table allows the step. Staying where one is, is no step. */
export function canMove<State extends string>(table: TransitionTable<State>, from: State, to: State): boolean {
  return table[from].includes(to);
}

/**
 * Checks one step. Owners call it inside the transaction that writes the row and publish after the commit.
 * @throws AppError `conflict` when the table does not allow it.
 */
export function assertMove<State extends string>(
  table: TransitionTable<State>,
  from: State,
  to: State,
  what: string,
): void {
  if (canMove(table, from, to)) return;
  throw new AppError("conflict", `The ${what} is ${from}; it cannot become ${to}.`, { details: { from, to } });
}

/** Reached only when a union was not handled whole; the compiler says so first. */
export function unreachable(value: never): never {
  throw new Error(`Unhandled case: ${String(value)}`);
}
