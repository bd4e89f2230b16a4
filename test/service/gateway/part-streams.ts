import { readFileSync } from "node:fs";
import type { Part, PartStream } from "../../../service/src/gateway/parts.ts";
import type { Stage } from "../../../service/src/gateway/stages/stage.ts";

/** One text block in the given pieces, then the end. */
export function textParts(...pieces: string[]): Part[] {
  return block(0, "text", pieces);
}

export function block(index: number, kind: "text" | "reasoning", pieces: readonly string[]): Part[] {
  return [
    { type: "block-start", index, kind },
    ...pieces.map((text): Part => ({ type: "block-delta", index, text })),
    { type: "block-end", index },
  ];
}

export const finished: Part = { type: "finish", reason: "stop" };

export async function* streamOf(...arrays: (readonly Part[])[]): PartStream {
  for (const array of arrays) yield array;
}

/** Every part alone through the stage: what it holds back shows. */
export function runPure<State>(stage: Stage<State>, parts: readonly Part[]): Part[] {
  let state = stage.initial;
  const out: Part[] = [];
  for (const part of parts) {
    const [next, made] = stage.step(state, [part]);
    state = next;
    out.push(...made);
  }
  return out;
}

/** Blocks with their whole text, in order, as `kind: text`; ends as their reason. */
export function summary(parts: readonly Part[]): string[] {
  const lines: string[] = [];
  const at = new Map<number, number>();
  for (const part of parts) {
    if (part.type === "block-start") {
      at.set(part.index, lines.length);
      lines.push(`${part.kind}${part.name === undefined ? "" : ` ${part.name}`}: `);
    }
    if (part.type === "block-delta") lines[at.get(part.index) ?? -1] += part.text;
    if (part.type === "finish") lines.push(`finish ${part.reason}`);
    if (part.type === "error") lines.push(`error ${part.code} ${part.source}`);
  }
  return lines;
}

/** Throws unless blocks are opened before use, closed once, never reused, and the end is last and alone. */
export function assertWellFormed(parts: readonly Part[]): void {
  const open = new Set<number>();
  const seen = new Set<number>();
  let ended = false;
  for (const part of parts) {
    if (ended) throw new Error(`${part.type} after the end`);
    if (part.type === "block-start") {
      if (seen.has(part.index)) throw new Error(`block ${part.index} twice`);
      seen.add(part.index);
      open.add(part.index);
    }
    if (part.type === "block-delta" && !open.has(part.index)) throw new Error(`delta outside block ${part.index}`);
    if (part.type === "block-end" && !open.delete(part.index)) throw new Error(`end of closed block ${part.index}`);
    if (part.type === "finish" || part.type === "error") {
      if (open.size > 0) throw new Error("an open block at the end");
      ended = true;
    }
  }
  if (!ended) throw new Error("no end");
}

export function recorded(name: string): Buffer {
  return readFileSync(new URL(`../../fixtures/mlx-lm/${name}`, import.meta.url));
}

/** Numbers from 0 to 1, the same at every run (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Every way to cut a text in two, and into single characters. */
export function splits(text: string): string[][] {
  const cuts = Array.from({ length: text.length + 1 }, (_, at) => [text.slice(0, at), text.slice(at)]);
  return [...cuts, [...text]];
}
