import { AppError } from "../../platform/errors.ts";
import { soundFormat, soundNames } from "./sound-format.ts";
import { pictureNames, readPicture } from "./picture.ts";

/** The launcher refuses more as well: unpacked, a small file may fill the memory. */
export const mostPixels = 50_000_000;

export interface ImageLimits {
  readonly bytes: number;
}

/**
 * An image as every engine gets it: its bytes decide the type, whatever it was called, and the same image reads the same
 * at every turn.
 * @throws AppError `invalid_request` for base64 that is none, for what is no image, and for what is too large.
 */
export function checkedDataUri(uri: string, limits: ImageLimits): string {
  const start = uri.indexOf(",") + 1;
  return imageUri(decodeBase64(uri, start, limits.bytes), limits, uri.slice(start));
}

/** The same for a sound. @throws AppError `invalid_request` */
export function checkedSound(uri: string, limits: ImageLimits): string {
  const bytes = decodeBase64(uri, uri.indexOf(",") + 1, limits.bytes, "sound");
  if (bytes.length > limits.bytes) throw tooLarge(limits.bytes, "sound");
  const format = soundFormat(bytes);
  if (format === null) throw invalid(`A sound cannot be read. Send a whole ${soundNames} file as base64.`);
  return `data:audio/${format};base64,${bytes.toString("base64")}`;
}

/** @param base64 the same bytes, where they are at hand in this form. @throws AppError as `checkedDataUri`. */
export function imageUri(bytes: Buffer, limits: ImageLimits, base64?: string): string {
  if (bytes.length > limits.bytes) throw tooLarge(limits.bytes);
  const picture = readPicture(bytes);
  if (picture === null) throw invalid(`An image cannot be read. Send a whole ${pictureNames} file.`);
  const pixels = picture.width * picture.height;
  if (pixels > mostPixels) {
    const size = `${picture.width} x ${picture.height} pixels`;
    throw invalid(`An image has ${size}; the most is ${mostPixels / 1e6} million. Send a smaller one.`);
  }
  const isCanonical = base64 !== undefined && base64.length === Math.ceil(bytes.length / 3) * 4;
  return `data:${picture.type};base64,${isCanonical ? base64 : bytes.toString("base64")}`;
}

/** The error of an image, or a sound, over the limit. */
export function tooLarge(limit: number, what: "image" | "sound" = "image"): AppError {
  const most = Math.round(limit / 1e5) / 10;
  const one = what === "image" ? "An image" : "A sound";
  return invalid(`${one} has more than ${most} MB. Send a smaller one, or raise the setting imageBytes.`);
}

/** Line breaks and missing padding are common; anything else that is not base64 engines would read as something else. */
function decodeBase64(uri: string, start: number, limit: number, what: "image" | "sound" = "image"): Buffer {
  if (((uri.length - start) * 3) / 4 > limit * 2) throw tooLarge(limit, what);
  const text = uri
    .slice(start)
    .replace(/\s+/g, "")
    .replace(/={1,2}$/, "");
  if (text === "" || text.length % 4 === 1 || !/^[A-Za-z0-9+/]+$/.test(text)) {
    throw invalid(
      `The base64 of ${what === "image" ? "an image" : "a sound"} is damaged. Encode the whole file again.`,
    );
  }
  return Buffer.from(text, "base64");
}

function invalid(message: string): AppError {
  return new AppError("invalid_request", message);
}
