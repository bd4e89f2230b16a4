/** Endless deterministic content: a random megabyte per seed, every 4 KiB page stamped with its number. */

const blockSize = 1024 * 1024;
const pageSize = 4096;
const stampSize = 8;
const blocks = new Map<number, Buffer>();

/**
 * Fill `target` with the bytes at `position` of the content of `seed`.
 * The stamps make every page unique, so that a segment written to the wrong place changes the checksum.
 */
export function fillGenerated(target: Buffer, seed: number, position: number): void {
  const block = blockOf(seed);
  let done = 0;
  while (done < target.length) {
    const from = (position + done) % blockSize;
    done += block.copy(target, done, from, Math.min(blockSize, from + target.length - done));
  }
  const lastPage = Math.floor((position + target.length - 1) / pageSize);
  for (let page = Math.floor(position / pageSize); page <= lastPage; page += 1) {
    stamp(target, page, page * pageSize - position);
  }
}

function stamp(target: Buffer, page: number, offset: number): void {
  if (offset >= 0 && offset + stampSize <= target.length) {
    target.writeUInt32LE(page >>> 0, offset);
    target.writeUInt32LE(Math.floor(page / 0x1_0000_0000), offset + 4);
    return;
  }
  for (let index = 0; index < stampSize; index += 1) {
    const at = offset + index;
    if (at >= 0 && at < target.length) target[at] = Math.floor(page / 256 ** index) % 256;
  }
}

function blockOf(seed: number): Buffer {
  const known = blocks.get(seed);
  if (known) return known;
  const block = Buffer.allocUnsafe(blockSize);
  let state = (Math.imul(seed, 0x9e3779b1) ^ 0x5bd1e995) >>> 0 || 1;
  for (let offset = 0; offset < blockSize; offset += 4) {
    // xorshift32: fast, and good enough to be incompressible.
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    block.writeUInt32LE(state >>> 0, offset);
  }
  blocks.set(seed, block);
  return block;
}
