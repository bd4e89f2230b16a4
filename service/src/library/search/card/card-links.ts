/** Where a card lies, for the addresses in it that are relative. */
export interface CardPlace {
  /** The repository's page, without a trailing slash. */
  readonly page: string;
  readonly commit: string;
}

const linkProtocols = new Set(["https:", "http:", "mailto:"]);
const imageProtocols = new Set(["https:", "http:"]);

/** An address of the card as an absolute one that is safe to follow; null for any other. */
export function linkTarget(href: string, { page, commit }: CardPlace): string | null {
  const decoded = decodeEntities(href).trim();
  if (decoded.startsWith("#")) return absolute(decoded, page, linkProtocols);
  return absolute(decoded, `${page}/blob/${commit}/README.md`, linkProtocols);
}

/** An image's address; null for what is embedded or not of the web. */
export function imageTarget(source: string, { page, commit }: CardPlace): string | null {
  return absolute(decodeEntities(source).trim(), `${page}/resolve/${commit}/README.md`, imageProtocols);
}

/** The parser decides what the protocol is, as it ignores what browsers ignore (`java\nscript:`). */
function absolute(address: string, base: string, protocols: ReadonlySet<string>): string | null {
  if (address === "" || address.length > 2000 || !URL.canParse(address, base)) return null;
  const url = new URL(address, base);
  if (!protocols.has(url.protocol)) return null;
  url.username = "";
  url.password = "";
  // Parentheses would end a Markdown link.
  return url.href.replace(/[()<>\\]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);
}

const named: Readonly<Record<string, string>> = {
  ...{ amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " ", colon: ":", Tab: "\t", NewLine: "\n" },
};

/** The characters that entities stand for; unknown names stay as they are. */
export function decodeEntities(text: string): string {
  return text.replace(
    /&(?:#x([\da-f]{1,6})|#(\d{1,7})|([a-z]{2,8}));/gi,
    (whole, hex?: string, decimal?: string, name?: string) => {
      if (name !== undefined) return named[name] ?? whole;
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : "";
    },
  );
}
