import type { BlockKind, Part } from "../parts.ts";

/** The blocks of a stage that splits those of its source: at most one is open. */
export interface OwnBlocks {
  open: { readonly index: number; readonly kind: BlockKind } | null;
  next: number;
}

/** Appends the text to the open block of this kind, or to a new one. */
export function writeBlock(blocks: OwnBlocks, kind: BlockKind, text: string, out: Part[]): void {
  if (text === "") return;
  if (blocks.open?.kind !== kind) {
    closeBlock(blocks, out);
    blocks.open = { index: blocks.next, kind };
    blocks.next += 1;
    out.push({ type: "block-start", index: blocks.open.index, kind });
  }
  out.push({ type: "block-delta", index: blocks.open.index, text });
}

export function closeBlock(blocks: OwnBlocks, out: Part[]): void {
  if (blocks.open) out.push({ type: "block-end", index: blocks.open.index });
  blocks.open = null;
}
