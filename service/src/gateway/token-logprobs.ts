import { Buffer } from "node:buffer";
import type { TokenLogprob } from "./parts.ts";
import type { Step } from "./stages/stage.ts";

/** What an engine says of a token, in OpenAI's own form; other programs leave things out. */
export interface WireLogprob {
  readonly token?: string | null;
  readonly logprob?: number | null;
  readonly bytes?: readonly number[] | null;
  readonly top_logprobs?: readonly Omit<WireLogprob, "top_logprobs">[] | null;
}

export function readLogprob({ top_logprobs: top, ...said }: WireLogprob): TokenLogprob {
  return { ...readToken(said), top: (top ?? []).map(readToken) };
}

function readToken({ token, logprob, bytes }: Omit<WireLogprob, "top_logprobs">): Omit<TokenLogprob, "top"> {
  return { token: token ?? "", logprob: logprob ?? 0, bytes: bytes ?? null };
}

/**
 * Steps over an answer whose tokens are told. They hold text back, trim it and take tags out of it; what comes out of
 * them is matched with the tokens again, byte for byte, so that none of them need know. Tokens whose text did not come
 * out, such as tags, are dropped.
 */
export function carryLogprobs(steps: readonly Step[]): readonly Step[] {
  const tokens = createTokenQueue();
  const calls = new Set<number>();
  const note: Step = (parts) => {
    for (const part of parts) if (part.type === "block-delta" && part.logprobs) tokens.note(part.logprobs);
    return parts;
  };
  const match: Step = (parts) =>
    parts.map((part) => {
      if (part.type === "block-start" && part.kind === "tool-call") calls.add(part.index);
      if (part.type !== "block-delta") return part;
      return { ...part, logprobs: calls.has(part.index) ? undefined : tokens.take(part.text) };
    });
  return [note, ...steps, match];
}

interface TokenQueue {
  note(logprobs: readonly TokenLogprob[]): void;
  /** The tokens of which this text is made; all before it are gone. */
  take(text: string): TokenLogprob[];
}

function createTokenQueue(): TokenQueue {
  /** Bytes that no text has used yet. A token whose first bytes were used has been given out. */
  let waiting: { readonly bytes: Buffer; readonly logprob: TokenLogprob | null }[] = [];
  return {
    note(logprobs) {
      for (const logprob of logprobs)
        waiting.push({ bytes: Buffer.from(logprob.bytes ?? Buffer.from(logprob.token)), logprob });
    },
    take(text) {
      const wanted = Buffer.from(text);
      const begin = Buffer.concat(waiting.map(({ bytes }) => bytes)).indexOf(wanted);
      if (begin === -1) return [];
      const end = begin + wanted.length;
      const taken: TokenLogprob[] = [];
      const rest: typeof waiting = [];
      let at = 0;
      for (const entry of waiting) {
        const until = at + entry.bytes.length;
        if (at >= end) rest.push(entry);
        else if (until > begin) {
          if (entry.logprob) taken.push(entry.logprob);
          if (until > end) rest.push({ bytes: entry.bytes.subarray(end - at), logprob: null });
        }
        at = until;
      }
      waiting = rest;
      return taken;
    },
  };
}
