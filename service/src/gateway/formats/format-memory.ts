import type { ProfileRemote } from "../../contract/profile-kinds.ts";
import type { Clock } from "../../platform/clock.ts";

/** Which remote services do not hold answers to a format by themselves, learned from what they answered. */
export interface FormatMemory {
  cannot(remote: Remote): boolean;
  note(remote: Remote): void;
}

type Remote = Pick<ProfileRemote, "baseUrl" | "model">;

/** Services are updated; then they are asked again. */
const knownMs = 3_600_000;
const mostKnown = 200;

export function createFormatMemory(clock: Clock): FormatMemory {
  const notedAt = new Map<string, number>();
  const keyOf = ({ baseUrl, model }: Remote): string => `${baseUrl}\n${model}`;
  return {
    cannot(remote) {
      const at = notedAt.get(keyOf(remote));
      return at !== undefined && clock.monotonic() - at < knownMs;
    },
    note(remote) {
      notedAt.delete(keyOf(remote));
      notedAt.set(keyOf(remote), clock.monotonic());
      const [oldest] = notedAt.keys();
      if (notedAt.size > mostKnown && oldest !== undefined) notedAt.delete(oldest);
    },
  };
}
