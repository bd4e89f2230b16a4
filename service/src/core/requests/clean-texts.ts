import type { RequestBodies } from "./request-row.ts";

/** What was said in a request, as the gateway saw it. */
export interface RequestTexts {
  /** The parsed body. */
  readonly request: unknown;
  /** The answer's pieces, whole: in a stream's events a secret would be spread over many. */
  readonly answer: readonly AnswerBlock[];
}

export interface AnswerBlock {
  readonly kind: string;
  readonly name?: string | undefined;
  readonly text: string;
}

const longestText = 1_000_000;
const hidden = "[hidden]";

/** What is kept of the texts: no keys or tokens, no pictures, no more than a million characters each. */
export function cleanTexts({ request, answer }: RequestTexts, secrets: readonly string[]): RequestBodies {
  const known = secrets.filter((secret) => secret.length >= 8);
  const asked = request === undefined ? null : JSON.stringify(withoutSecrets(request, known));
  const answered = answer.length === 0 ? null : JSON.stringify(withoutSecrets(answer, known));
  return {
    request: asked?.slice(0, longestText) ?? null,
    response: answered?.slice(0, longestText) ?? null,
    truncated: (asked?.length ?? 0) > longestText || (answered?.length ?? 0) > longestText,
  };
}

/** Fields that hold a secret by their name, wherever they stand: tools of other servers bring their keys along. */
const secretName =
  /^(proxy-)?authorization$|^(x-)?api[-_]?key$|[-_]?(access|refresh|auth|bearer|session)[-_]?token$|^token$|password|passphrase|secret|^cookie$|credential/i;

/** Keys by their looks: of this service, the Hub, OpenAI and Anthropic, GitHub, Slack, Amazon, Google; signed tokens. */
const secretLooks = [
  /\b(?:mlxm|hf|gh[oprsu]|github_pat|npm|glpat)[-_][A-Za-z0-9_-]{16,}/g,
  /\bsk-[A-Za-z0-9_-]{16,}/g,
  /\bxox[abeprs]-[A-Za-z0-9-]{10,}/g,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /\bAIza[A-Za-z0-9_-]{30,}/g,
  /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}/g,
  /(?<=\bBearer\s+)[A-Za-z0-9._~+/=-]{8,}/gi,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
];

function withoutSecrets(value: unknown, known: readonly string[]): unknown {
  if (typeof value === "string") return cleanText(value, known);
  if (Array.isArray(value)) return value.map((item) => withoutSecrets(item, known));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      cleanText(name, known),
      secretName.test(name) && typeof item === "string" ? hidden : withoutSecrets(item, known),
    ]),
  );
}

function cleanText(text: string, known: readonly string[]): string {
  let clean = text.replace(/(data:[\w.+/-]*;base64,)[A-Za-z0-9+/=\s]{200,}/g, "$1[left out]");
  for (const secret of known) clean = clean.replaceAll(secret, hidden);
  for (const pattern of secretLooks) clean = clean.replace(pattern, hidden);
  return clean;
}
