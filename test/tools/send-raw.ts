import { request as httpRequest } from "node:http";
import type { WrongRequest } from "../fixtures/wrong-requests.ts";

/** node:http, because fetch sets Host and Origin by itself and refuses a body in pieces. */
export function sendRaw(
  address: string,
  { method, path, headers = {}, body }: WrongRequest,
): Promise<{ status: number; body: unknown; headers: Record<string, unknown> }> {
  return new Promise((resolve, reject) => {
    let hasAnswered = false;
    const sent = httpRequest(new URL(path, address), { method, headers, agent: false }, (response) => {
      hasAnswered = true;
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: text === "" ? undefined : JSON.parse(text),
        });
      });
    });
    // A refused upload is cut while we still write; the answer counts.
    sent.on("error", (error) => (hasAnswered ? undefined : reject(error)));
    if (typeof body === "number") {
      const piece = Buffer.alloc(1024 * 1024, 32);
      let left = body;
      const more = (): void => {
        if (left <= 0 || sent.destroyed) return void sent.end();
        left -= piece.length;
        sent.write(piece, () => setImmediate(more));
      };
      more();
    } else sent.end(body);
  });
}
