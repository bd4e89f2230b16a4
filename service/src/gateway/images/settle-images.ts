import type { Clock } from "../../platform/clock.ts";
import { AppError, isAppError } from "../../platform/errors.ts";
import { bodyLimitBytes } from "../../platform/http/body.ts";
import type { NormalMessage } from "../messages.ts";
import type { NormalRequest } from "../request.ts";
import { checkedDataUri, checkedSound, imageUri } from "./data-uri.ts";
import { fetchImage, publicInternet } from "./fetch-image.ts";
import type { ImageNetwork } from "./fetch-image.ts";
import { keepImages } from "./kept-images.ts";
import { shareFetches } from "./shared-fetch.ts";

/** Makes the images of a request what engines get: data URIs that are what they say. */
export interface ImageSettler {
  /** Whether there is something to fetch first: that may take its time. */
  mustFetch(request: NormalRequest): boolean;
  /**
   * @param param the key that holds the images, for errors.
   * @throws AppError `invalid_request` or `unsupported` that says what to do; the signal's reason.
   */
  settle(request: NormalRequest, param: string, signal: AbortSignal): Promise<NormalRequest>;
}

export interface ImageSettlerOptions {
  readonly clock: Clock;
  readonly settings: {
    values(): {
      readonly fetchImages: boolean;
      readonly imageBytes: number;
      readonly imageDeadlineSeconds: number;
    };
  };
  /** Why nothing can be fetched from here; the network's answer is not checked behind a proxy. */
  readonly unreachable?: "offline" | "proxy" | null;
  readonly network?: ImageNetwork | undefined;
}

const fetchesAtOnce = 8;

/** Engines never fetch: an address would be asked from this machine, inside of every firewall. */
export function createImageSettler(options: ImageSettlerOptions): ImageSettler {
  const { clock, settings, unreachable = null, network = publicInternet } = options;
  const kept = keepImages(clock);
  const fetches = shareFetches(async (address, signal) => {
    const { imageBytes: bytes, imageDeadlineSeconds: seconds } = settings.values();
    const stop = new AbortController();
    const cancel = clock.after(seconds * 1000, () => stop.abort(tooSlow(address, seconds)));
    try {
      const both = AbortSignal.any([signal, stop.signal]);
      const uri = imageUri(await fetchImage(address, { network, bytes, signal: both }), { bytes });
      kept.keep(address, uri);
      return uri;
    } finally {
      cancel();
    }
  }, fetchesAtOnce);

  const settleOne = async (address: string, signal: AbortSignal): Promise<string> => {
    const { fetchImages, imageBytes } = settings.values();
    if (address.startsWith("data:")) return checkedDataUri(address, { bytes: imageBytes });
    if (!fetchImages) throw switchedOff();
    if (unreachable !== null) throw outOfReach(unreachable);
    return kept.find(address) ?? (await fetches.get(address, signal));
  };

  return {
    mustFetch: ({ messages }) =>
      messages.some(
        (message) =>
          hasImages(message) &&
          message.images.some((address) => !address.startsWith("data:") && kept.find(address) === null),
      ),
    async settle(request, param, signal) {
      if (!request.messages.some((message) => hasImages(message) || soundsOf(message).length > 0)) return request;
      try {
        const settled = request.messages.map(async (message) =>
          hasImages(message)
            ? { ...message, images: await Promise.all(message.images.map((image) => settleOne(image, signal))) }
            : message,
        );
        const { imageBytes: bytes } = settings.values();
        const messages = (await Promise.all(settled)).map((message) =>
          soundsOf(message).length === 0
            ? message
            : { ...message, sounds: soundsOf(message).map((sound) => checkedSound(sound, { bytes })) },
        );
        checkTogether(messages);
        return { ...request, messages };
      } catch (error) {
        if (!isAppError(error)) throw error;
        throw new AppError(error.code, error.message, { cause: error.cause, details: { ...error.details, param } });
      }
    },
  };
}

function hasImages(message: NormalMessage): message is Extract<NormalMessage, { role: "user" }> {
  return message.role === "user" && message.images.length > 0;
}

function soundsOf(message: NormalMessage): readonly string[] {
  return message.role === "user" ? (message.sounds ?? []) : [];
}

/** Fetched ones are no way around the limit of a body. */
function checkTogether(messages: readonly NormalMessage[]): void {
  const characters = messages.reduce(
    (sum, message) => (hasImages(message) ? message.images.reduce((own, { length }) => own + length, sum) : sum),
    0,
  );
  if ((characters * 3) / 4 <= bodyLimitBytes) return;
  throw new AppError(
    "invalid_request",
    "The images of a request may have 32 MiB together. Send fewer or smaller ones.",
  );
}

function tooSlow(address: string, seconds: number): AppError {
  const { hostname } = new URL(address);
  const message = `The host of an image, ${hostname}, took more than ${seconds} seconds. Send the image as a data URI.`;
  return new AppError("invalid_request", message);
}

function switchedOff(): AppError {
  const message = "Images are not fetched here. Send them as data URIs, or switch the setting fetchImages on.";
  return new AppError("unsupported", message);
}

function outOfReach(unreachable: "offline" | "proxy"): AppError {
  const why = unreachable === "offline" ? "the service is offline" : "images are not fetched through a proxy";
  return new AppError("unsupported", `The address of an image cannot be fetched: ${why}. Send it as a data URI.`);
}
