/** Whether this is `npm run test:full`: the counts of the acceptance lines instead of the small ones. */
export const isFull = process.env["MLX_MANAGER_TEST_FULL"] === "1";

/** The small count in `npm test`, the full one in `npm run test:full`. */
export function trials(small: number, full: number): number {
  return isFull ? full : small;
}

/** Numbers from 0 to below 1 that are the same at every run (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
