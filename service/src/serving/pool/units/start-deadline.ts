import type { SettingValues } from "../../../contract/settings.ts";
import type { Clock } from "../../../platform/clock.ts";

/** Milliseconds a start may take without a sign of progress: a base and a part for each GB of weights. */
export function startAllowanceMs(
  weightBytes: number,
  settings: Pick<SettingValues, "startDeadlineSeconds" | "startDeadlineSecondsPerGigabyte">,
): number {
  const gigabytes = weightBytes / 1e9;
  return 1000 * (settings.startDeadlineSeconds + settings.startDeadlineSecondsPerGigabyte * gigabytes);
}

export interface StartProgress {
  readonly phase: string;
  readonly done?: number | null | undefined;
  readonly total?: number | null | undefined;
}

export interface StartDeadline {
  /** Puts the deadline off when this is more than what was reported before; a repeated figure is no progress. */
  note(progress: StartProgress): void;
  stop(): void;
}

/** Runs out `allowanceMs` after the start, or `extensionMs` after the last real progress, whichever is later. */
export function createStartDeadline(options: {
  readonly clock: Clock;
  readonly allowanceMs: number;
  readonly extensionMs: number;
  readonly onExpired: () => void;
}): StartDeadline {
  const { clock, allowanceMs, extensionMs, onExpired } = options;
  let endsAt = clock.monotonic() + allowanceMs;
  let last: StartProgress | null = null;
  let cancel: () => void = () => undefined;
  const arm = (): void => {
    cancel = clock.after(Math.max(0, endsAt - clock.monotonic()), () =>
      clock.monotonic() >= endsAt ? onExpired() : arm(),
    );
  };
  arm();
  return {
    note(progress) {
      const isProgress = last === null || progress.phase !== last.phase || (progress.done ?? 0) > (last.done ?? 0);
      if (!isProgress) return;
      last = progress;
      endsAt = Math.max(endsAt, clock.monotonic() + extensionMs);
    },
    stop: () => cancel(),
  };
}
