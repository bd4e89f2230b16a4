import { existsSync, readFileSync } from "node:fs";
import { getCACertificates } from "node:tls";
import type { Dispatcher } from "undici";
import { AppError } from "../../platform/errors.ts";
import { undici } from "../../platform/undici.ts";
import type { PackageIndex } from "./package-index.ts";

const publicIndex = "https://pypi.org/simple";
const limitBytes = 64 * 1024 * 1024;
const mostRedirects = 5;

/**
 * One file of a project, found on the page of the user's index (JSON of PEP 691 or HTML of PEP 503) and loaded.
 * Nothing is checked here: the caller knows the checksum.
 * @throws AppError with the next step, or undici's error of the connection.
 */
export async function loadFromIndex(
  project: string,
  file: string,
  index: PackageIndex,
  signal: AbortSignal,
): Promise<Buffer> {
  if (index.noIndex) throw new AppError("engine_failed", "pip or uv is told to use no package index.");
  const dispatcher = createDispatcher(index);
  try {
    const page = parseAddress(`${(index.url ?? publicIndex).replace(/\/+$/, "")}/${project}/`);
    const accept = "application/vnd.pypi.simple.v1+json, text/html;q=0.5";
    const { bytes: text, address } = await load(page, accept, dispatcher, signal);
    const link = findLink(text.toString("utf8"), file);
    if (link === null) {
      const message = `The package index does not have ${file}. Install uv or Python 3.11 or newer, then install again.`;
      throw new AppError("engine_failed", message);
    }
    // Against where the page came from in the end: an index may have sent us elsewhere.
    const target = withCredentials(withCredentials(new URL(link, address), address), page);
    return (await load(target, "*/*", dispatcher, signal)).bytes;
  } finally {
    await dispatcher.close();
  }
}

/** Address of the file as the page writes it, maybe relative. */
export function findLink(page: string, file: string): string | null {
  if (page.trimStart().startsWith("{")) {
    const { files } = JSON.parse(page) as { files: { filename: string; url: string }[] };
    return files.find(({ filename }) => filename === file)?.url ?? null;
  }
  for (const [, quoted, bare] of page.matchAll(/<a\s[^>]*?href\s*=\s*(?:["']([^"']*)["']|([^\s>]+))/gi)) {
    const link = (quoted ?? bare ?? "").replaceAll("&amp;", "&");
    const path = decodeURIComponent(link.split(/[?#]/)[0] ?? "");
    if (path === file || path.endsWith(`/${file}`)) return link;
  }
  return null;
}

/** A link to the same host goes with the page's user name and password, as pip does it; to any other never. */
function withCredentials(link: URL, page: URL): URL {
  if (link.origin !== page.origin || link.username !== "") return link;
  const full = new URL(link);
  full.username = page.username;
  full.password = page.password;
  return full;
}

async function load(
  url: URL,
  accept: string,
  dispatcher: Dispatcher,
  signal: AbortSignal,
  redirects = mostRedirects,
): Promise<{ bytes: Buffer; address: URL }> {
  const plain = new URL(url);
  plain.username = "";
  plain.password = "";
  const userinfo = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  const authorization = userinfo === ":" ? {} : { authorization: `Basic ${Buffer.from(userinfo).toString("base64")}` };
  const { statusCode, headers, body } = await undici.request(plain, {
    dispatcher,
    signal,
    headers: { accept, ...authorization },
  });
  const location = headers["location"];
  if (statusCode >= 300 && statusCode < 400 && typeof location === "string" && redirects > 0) {
    await body.dump();
    return load(withCredentials(new URL(location, plain), url), accept, dispatcher, signal, redirects - 1);
  }
  if (statusCode !== 200) {
    await body.dump();
    const message = `The package index answered ${statusCode}. Check which index pip or uv is told to use, then install again.`;
    throw new AppError("hub_unreachable", message);
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > limitBytes)
      throw new AppError("engine_failed", "The package index sent far more than a tool. Check it.");
  }
  return { bytes: Buffer.concat(chunks), address: url };
}

function parseAddress(text: string): URL {
  const url = URL.parse(text);
  if (url && /^https?:$/.test(url.protocol)) return url;
  // The address itself is not shown: it may hold a password.
  throw new AppError(
    "engine_failed",
    "The address of the package index is none. Check the configuration of pip or uv.",
  );
}

function createDispatcher({ proxy, certificate, trustedHosts, url }: PackageIndex): Dispatcher {
  const own = certificate === null || !existsSync(certificate) ? [] : [readFileSync(certificate, "utf8")];
  const host = URL.parse(url ?? "")?.hostname;
  const isTrusted = host !== undefined && trustedHosts.some((trusted) => trusted.split(":")[0] === host);
  const tls = {
    ca: [...own, ...getCACertificates("default"), ...getCACertificates("system")],
    ...(isTrusted ? { rejectUnauthorized: false } : {}),
  };
  // Empty, not absent: where nothing is said the agent would look into the process' own environment.
  const httpProxy = webProxy(proxy.http);
  const httpsProxy = webProxy(proxy.https);
  return new undici.EnvHttpProxyAgent({ connect: tls, requestTls: tls, httpProxy, httpsProxy, noProxy: proxy.noProxy });
}

/** SOCKS is for uv and pip to speak; what cannot be fetched this way is left to them. */
function webProxy(address: string | null): string {
  if (address === null) return "";
  const full = address.includes("://") ? address : `http://${address}`;
  return /^https?:/i.test(full) ? full : "";
}
