/** A set-up step that failed for a reason the user can change. The message is shown alone and names the next step. */
export class SetupError extends Error {
  name = "SetupError";
}

/** Ctrl-C while something is fetched or installed: no failure; the caller ends by the same signal. */
export class InterruptedError extends Error {
  name = "InterruptedError";
  constructor(signal) {
    super(`interrupted by ${signal}`);
    this.signal = signal;
  }
}

/** The errors of set-up as one line; everything else whole, with its stack, because it is a bug of ours. */
export function describeSetupError(error) {
  return error instanceof SetupError ? `mlx-manager: ${error.message}` : `mlx-manager: ${error?.stack ?? error}`;
}
