/** The done share between 0 and 1; 0 while the total is unknown. */
export function fraction(done: number | null | undefined, total: number | null | undefined): number {
  if (!total || !done || total <= 0 || done <= 0) return 0;
  return Math.min(1, done / total);
}

/** `42%`, rounded down: 100% stands only for what is really complete. An empty text while the total is unknown. */
export function formatPercent(done: number | null | undefined, total: number | null | undefined): string {
  if (!total || total <= 0) return "";
  return `${Math.floor(fraction(done, total) * 100)}%`;
}
