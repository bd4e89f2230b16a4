/** A value and where its text ended. */
export interface LooseValue {
  readonly value: unknown;
  readonly end: number;
}

/** What opens a text and closes it again; the last two are words of models' own. */
const quotes = ["<escape>", '<|"|>', '"', "'"];
const literals: Readonly<Record<string, unknown>> = {
  ...{ true: true, false: false, null: null, True: true, False: false, None: null, undefined: null },
};

/**
 * Reads JSON as models write it: single quotes, keys without any, Python's words, commas too many, raw line ends in
 * texts, and closing brackets that are missing at the end. A text without its end is no value: it was cut off.
 * @returns null for anything else.
 */
export function readLoose(text: string, at = 0): LooseValue | null {
  const start = skipSpace(text, at);
  const first = text[start];
  if (first === "{") return readObject(text, start + 1);
  if (first === "[") return readList(text, start + 1);
  if (quoteAt(text, start) !== null) return readText(text, start);
  const number = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/.exec(text.slice(start, start + 40))?.[0];
  if (number !== undefined) return { value: Number(number), end: start + number.length };
  const word = /^[A-Za-z]+/.exec(text.slice(start, start + 20))?.[0] ?? "";
  return Object.hasOwn(literals, word) ? { value: literals[word], end: start + word.length } : null;
}

/** The same, where nothing but white space may follow. */
export function readLooseWhole(text: string): LooseValue | null {
  const read = readLoose(text);
  return read && text.slice(read.end).trim() === "" ? read : null;
}

export function skipSpace(text: string, at: number): number {
  let place = at;
  while (place < text.length && /\s/.test(text.charAt(place))) place += 1;
  return place;
}

function readObject(text: string, from: number): LooseValue | null {
  // Entries, so that no key of a model reaches a prototype.
  const entries: [string, unknown][] = [];
  let at = skipSeparators(text, from);
  while (at < text.length && text[at] !== "}") {
    const key = readKey(text, at);
    if (!key) return null;
    const colon = skipSpace(text, key.end);
    if (text[colon] !== ":") return null;
    const read = readLoose(text, colon + 1);
    if (!read) return null;
    entries.push([String(key.value), read.value]);
    at = skipSeparators(text, read.end);
  }
  return { value: Object.fromEntries(entries), end: Math.min(at + 1, text.length) };
}

function readList(text: string, from: number): LooseValue | null {
  const values: unknown[] = [];
  let at = skipSeparators(text, from);
  while (at < text.length && text[at] !== "]") {
    const read = readLoose(text, at);
    if (!read) return null;
    values.push(read.value);
    at = skipSeparators(text, read.end);
  }
  return { value: values, end: Math.min(at + 1, text.length) };
}

function readKey(text: string, at: number): LooseValue | null {
  if (quoteAt(text, at) !== null) return readText(text, at);
  const word = /^[\w$-]+/.exec(text.slice(at, at + 200))?.[0];
  return word === undefined ? null : { value: word, end: at + word.length };
}

function readText(text: string, start: number): LooseValue | null {
  const quote = quoteAt(text, start);
  if (quote === null) return null;
  let value = "";
  for (let at = start + quote.length; at < text.length;) {
    if (text.startsWith(quote, at)) return { value, end: at + quote.length };
    if (text[at] !== "\\") {
      value += text.charAt(at);
      at += 1;
      continue;
    }
    const code = /^\\u([0-9a-fA-F]{4})/.exec(text.slice(at, at + 6))?.[1];
    value += code === undefined ? unescaped(text.charAt(at + 1)) : String.fromCharCode(parseInt(code, 16));
    at += code === undefined ? 2 : 6;
  }
  return null;
}

function unescaped(letter: string): string {
  return { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f" }[letter] ?? letter;
}

function quoteAt(text: string, at: number): string | null {
  return quotes.find((quote) => text.startsWith(quote, at)) ?? null;
}

function skipSeparators(text: string, from: number): number {
  let at = skipSpace(text, from);
  while (text[at] === ",") at = skipSpace(text, at + 1);
  return at;
}
