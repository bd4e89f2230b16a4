import { answer } from "./exchange.ts";
import type { Exchange } from "./exchange.ts";
import { sendFile } from "./send-file.ts";

/**
 * The CDN: only signed addresses, and no account token. Real storage refuses two kinds of credentials at once,
 * which makes a client that forwards the token fail loudly.
 */
export async function serveCdn(exchange: Exchange): Promise<void> {
  const { state, request, record } = exchange;
  if (request.headers.authorization !== undefined) {
    return storageError(exchange, 400, "InvalidArgument", "Only one auth mechanism allowed");
  }
  const file = state.signedUrls.open(record.path, record.query);
  if (file === "denied") return storageError(exchange, 403, "AccessDenied", "Access Denied");
  if (file === "expired") return storageError(exchange, 403, "AccessDenied", "Request has expired");
  const stored = state.repositories.get(file.repo)?.commits.get(file.commit)?.files.get(file.path);
  if (!stored) return storageError(exchange, 404, "NoSuchKey", "The specified key does not exist.");
  await sendFile(exchange, stored.source, file.sha256, {
    "content-type": "binary/octet-stream",
    "content-disposition": record.query.get("response-content-disposition") ?? "inline",
  });
}

function storageError(exchange: Exchange, status: number, code: string, message: string): void {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  answer(exchange, status, body, { "content-type": "application/xml" });
}
