import type { IncomingMessage } from "node:http";

/** What nearly every client sends. */
const plain = /^\/[!"$-~]*$/;

/**
 * Puts a whole address, as proxies are sent it, and what does not belong into one, in the form that all who look at a
 * path read alike: or a check might see another path than the router.
 */
export function toOriginForm(request: IncomingMessage): void {
  const { url = "/" } = request;
  if (plain.test(url)) return;
  const parsed = URL.canParse(url, "http://localhost") ? new URL(url, "http://localhost") : null;
  request.url = parsed === null ? "/" : `${parsed.pathname}${parsed.search}`;
}

/** The path of a request, encoded as it came, without its query. */
export function pathOf({ url = "/" }: Pick<IncomingMessage, "url">): string {
  const mark = url.indexOf("?");
  return mark === -1 ? url : url.slice(0, mark);
}
