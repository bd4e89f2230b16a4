/** A name with `*` stands for many: each star for any text, none included. */
export function isPattern(name: string): boolean {
  return name.includes("*");
}

/** Whether a name fits a pattern, in exact case. Linear: what people type never makes a request slow. */
export function matchesPattern(pattern: string, name: string): boolean {
  const [head = "", ...rest] = pattern.split("*");
  if (rest.length === 0) return name === pattern;
  const tail = rest.pop() ?? "";
  if (!name.startsWith(head) || name.length < head.length + tail.length || !name.endsWith(tail)) return false;
  const end = name.length - tail.length;
  let at = head.length;
  for (const text of rest) {
    const found = name.indexOf(text, at);
    if (found === -1 || found + text.length > end) return false;
    at = found + text.length;
  }
  return true;
}

/** Sorts the most specific name first: without a star, then by how much it spells out, then by fewer stars. */
export function bySpecificity(one: string, other: string): number {
  return (
    Number(isPattern(one)) - Number(isPattern(other)) ||
    spelled(other) - spelled(one) ||
    stars(one) - stars(other) ||
    (one < other ? -1 : one > other ? 1 : 0)
  );
}

function stars(pattern: string): number {
  return pattern.split("*").length - 1;
}

function spelled(pattern: string): number {
  return pattern.length - stars(pattern);
}
