import { AppError } from "../../../../platform/errors.ts";
import { answerFailure, isOnEndpoint, secondsAsked } from "../../../hub/index.ts";
import type { Answer } from "../../../hub/index.ts";
import { wrongBytes } from "./answer-check.ts";
import { TransferFault } from "./retry.ts";

export interface RefusedRequest {
  readonly address: string;
  readonly endpoint: string;
  readonly repository: string;
  readonly hadToken: boolean;
  /** From 0 to 1. */
  readonly random: number;
}

/** What storage answers to an address whose signature has expired. */
const expired = new Set([400, 401, 403, 404, 410]);

/** What an answer without bytes means for the next attempt. */
export function refusalOf(answer: Answer, request: RefusedRequest): TransferFault {
  const { address, endpoint, repository, hadToken, random } = request;
  const { status } = answer;
  if (status === 416) return new TransferFault(wrongBytes("no such range").failure, { isWhole: true });
  if (!isOnEndpoint(address, endpoint) && expired.has(status)) {
    const message = "The Hub's storage refuses the download. Try again in a moment.";
    return new TransferFault(new AppError("hub_unreachable", message, { details: { status } }), { isExpired: true });
  }
  const failure = answerFailure(answer, { endpoint, repository, hadToken });
  if (status === 429) {
    // A second more: the window's end is rounded down on its way here.
    const waitMs = ((secondsAsked(answer) ?? 5) + 0.2 + random * 0.8) * 1000;
    return new TransferFault(failure, { waitMs, isTrouble: true });
  }
  const isPassing = status === 408 || status >= 500 || failure.code === "endpoint_not_a_hub";
  return new TransferFault(failure, { isFinal: !isPassing, waitMs: (secondsAsked(answer) ?? 0) * 1000 });
}
