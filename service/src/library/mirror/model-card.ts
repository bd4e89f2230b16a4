/** What a README says of its model in the block on top, as far as it is plain: text, numbers, switches, and lists. */
export type ModelCard = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/**
 * Reads the block between the first two `---` lines. Only top-level keys with a scalar or a list of scalars are taken:
 * those clients filter by (license, tags, base model); deeper YAML such as evaluation results is left out.
 */
export function readModelCard(text: string): ModelCard {
  const block = /^\uFEFF?---[ \t]*\r?\n([\s\S]*?)\r?\n---[ \t]*(\r?\n|$)/.exec(text)?.[1] ?? "";
  const card: Record<string, string | number | boolean | string[]> = {};
  let list: string[] | null = null;
  for (const line of block.split(/\r?\n/)) {
    const item = /^\s*-\s+(.*)$/.exec(line)?.[1];
    if (item !== undefined && list !== null) {
      if (!/^[\w-]+:\s/.test(item)) list.push(unquoted(item));
      continue;
    }
    const [, key, value] = /^([\w-]+):(?:\s+(.*))?$/.exec(line) ?? [];
    if (key === undefined) continue;
    list = null;
    const plain = withoutComment(value ?? "");
    if (plain === "") card[key] = list = [];
    else if (/^\[.*\]$/.test(plain)) card[key] = inlineList(plain);
    else if (!/^[|>{&*!]/.test(plain)) card[key] = scalar(plain);
  }
  return Object.fromEntries(Object.entries(card).filter(([, value]) => !(Array.isArray(value) && value.length === 0)));
}

/** The card's value as a list of words: a single one counts as a list of itself. */
export function wordsOf(card: ModelCard, key: string): string[] {
  const value = card[key];
  if (typeof value === "string") return [value];
  return Array.isArray(value) ? [...(value as string[])] : [];
}

function inlineList(text: string): string[] {
  return text
    .slice(1, -1)
    .split(",")
    .map((item) => unquoted(item.trim()))
    .filter((item) => item !== "");
}

function scalar(text: string): string | number | boolean {
  if (/^(true|false)$/i.test(text)) return text.toLowerCase() === "true";
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  return unquoted(text);
}

function unquoted(text: string): string {
  const plain = withoutComment(text);
  return /^(["']).*\1$/.test(plain) ? plain.slice(1, -1) : plain;
}

function withoutComment(text: string): string {
  return /^["']/.test(text) ? text.trim() : text.replace(/\s+#.*$/, "").trim();
}
