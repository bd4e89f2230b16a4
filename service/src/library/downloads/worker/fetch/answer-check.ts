import type { Answer } from "../../../hub/index.ts";
import { notAHub } from "../../../hub/index.ts";
import { AppError } from "../../../../platform/errors.ts";
import { TransferFault } from "./retry.ts";

export interface WantedBytes {
  readonly path: string;
  readonly sizeBytes: number;
  readonly start: number;
  readonly endpoint: string;
}

/**
 * Where the body of a 200 or 206 begins in the file.
 * @throws TransferFault for an answer that cannot be these bytes: another range or size, compressed, a web page.
 */
export function bodyStart(answer: Answer, wanted: WantedBytes): number {
  const { path, sizeBytes, start, endpoint } = wanted;
  const type = answer.header("content-type") ?? "";
  // Captive portals and login walls answer anything with a page.
  if (/^text\/html/i.test(type) && !/\.html?$/i.test(path)) throw new TransferFault(notAHub(endpoint));
  const encoding = answer.header("content-encoding") ?? "identity";
  if (encoding !== "identity") throw wrongBytes("a compressed body");
  const length = answer.header("content-length");
  if (answer.status === 206) {
    const [, from, to, total] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(answer.header("content-range") ?? "") ?? [];
    if (Number(from) !== start || Number(to) >= sizeBytes || (total !== "*" && Number(total) !== sizeBytes))
      throw wrongBytes("another range than asked for");
    return start;
  }
  if (length !== null && Number(length) !== sizeBytes) throw wrongBytes("a body of another size");
  return 0;
}

export function wrongBytes(what: string): TransferFault {
  return new TransferFault(
    new AppError(
      "hub_unreachable",
      `The Hub keeps sending ${what}. Try again later, or check for a proxy in between.`,
      {
        details: { reason: what },
      },
    ),
  );
}
