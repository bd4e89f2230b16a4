const hidden = "[secret]";

/**
 * Makes a filter for lines of tools: user names and passwords of addresses are taken out, and the passwords of the
 * given addresses wherever else they turn up.
 */
export function createCredentialFilter(addresses: readonly (string | null)[]): (text: string) => string {
  const secrets = [...new Set(addresses.flatMap((address) => passwordsOf(address ?? "")))];
  return (text) => secrets.reduce((line, secret) => line.replaceAll(secret, hidden), withoutUserinfo(text));
}

/** `https://user:secret@host` becomes `https://[secret]@host`; also when the password itself holds an `@`. */
export function withoutUserinfo(text: string): string {
  return text.replace(/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/"'<>]+@/gi, `$1${hidden}@`);
}

/** Password, or the user name where a token stands in its place; as written and as meant. */
function passwordsOf(address: string): string[] {
  const userinfo = /^[a-z][a-z0-9+.-]*:\/\/([^\s/]+)@/i.exec(address)?.[1];
  if (userinfo === undefined) return [];
  const colon = userinfo.indexOf(":");
  const secret = colon === -1 ? userinfo : userinfo.slice(colon + 1);
  // Very short ones would blank out half the log, and `uv:` or `x:` guard nothing.
  return [secret, decode(secret)].filter((value) => value.length >= 4);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}
