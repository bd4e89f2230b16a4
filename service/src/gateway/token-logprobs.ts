import { Buffer } from "node:buffer";
import type { Part, PartStream, TokenLogprob } from "./parts.ts";

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
 * Runs stages over an answer whose tokens are told. Stages hold text back, trim it and take tags out of it; what comes
 * out of them is matched with the tokens again, byte for byte, so that none of them need know. Tokens whose text did not
 * come out, such as tags, are dropped.
 */
export function carryLogprobs(source: PartStream, stages: (parts: PartStream) => PartStream): PartStream {
  const tokens = createTokenQueue();
  return matched(stages(noted(source, tokens)), tokens);
}

async function* noted(source: PartStream, tokens: TokenQueue): AsyncGenerator<readonly Part[]> {
  for await (const parts of source) {
    for (const part of parts) if (part.type === "block-delta" && part.logprobs) tokens.note(part.logprobs);
    yield parts;
  }
}

async function* matched(source: PartStream, tokens: TokenQueue): AsyncGenerator<readonly Part[]> {
  const calls = new Set<number>();
  for await (const parts of source) {
    yield parts.map((part) => {
      if (part.type === "block-start" && part.kind === "tool-call") calls.add(part.index);
      if (part.type !== "block-delta") return part;
      return { ...part, logprobs: calls.has(part.index) ? undefined : tokens.take(part.text) };
    });
  }
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
