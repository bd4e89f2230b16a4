/** Byte ranges `[start, end)`, sorted, apart from each other. Immutable: the journal keeps one while writing goes on. */
export type Ranges = readonly (readonly [start: number, end: number])[];

export const noRanges: Ranges = [];

export function addRange(ranges: Ranges, start: number, end: number): Ranges {
  if (end <= start) return ranges;
  const before = ranges.filter((range) => range[1] < start);
  const after = ranges.filter((range) => range[0] > end);
  const touching = ranges.filter((range) => range[1] >= start && range[0] <= end);
  const merged = [Math.min(start, ...touching.map(([from]) => from)), Math.max(end, ...touching.map(([, to]) => to))];
  return [...before, merged as unknown as readonly [number, number], ...after];
}

/** How far the bytes reach from the start of the file without a hole. */
export function prefixOf(ranges: Ranges): number {
  const first = ranges[0];
  return first !== undefined && first[0] === 0 ? first[1] : 0;
}

export function bytesIn(ranges: Ranges): number {
  return ranges.reduce((sum, [start, end]) => sum + end - start, 0);
}

/** Reads what a journal says; null for anything that is not sorted ranges inside `size`. */
export function readRanges(value: unknown, size: number): Ranges | null {
  if (!Array.isArray(value)) return null;
  let last = -1;
  for (const range of value as unknown[]) {
    if (!Array.isArray(range) || range.length !== 2) return null;
    const [start, end] = range as unknown[];
    if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end)) return null;
    if ((start as number) <= last || (end as number) <= (start as number) || (end as number) > size) return null;
    last = end as number;
  }
  return value as Ranges;
}

/** What is missing of `size` bytes. */
export function gapsIn(ranges: Ranges, size: number): Ranges {
  const gaps: (readonly [number, number])[] = [];
  let position = 0;
  for (const [start, end] of ranges) {
    if (start > position) gaps.push([position, start]);
    position = end;
  }
  if (position < size) gaps.push([position, size]);
  return gaps;
}

/** Only what lies before `end`. */
export function clipRanges(ranges: Ranges, end: number): Ranges {
  return ranges.flatMap(([from, to]) => (from < end ? [[from, Math.min(to, end)] as const] : []));
}
