import { AppError } from "../../platform/errors.ts";
import { pictureNames, pictureType } from "../images/picture.ts";

/**
 * Ollama's images are base64 without a type, so it is read from the first bytes.
 * @returns a data URI. @throws AppError `invalid_request`
 */
export function imageUri(given: string): string {
  // Some clients send what browsers give them.
  const text = given.replace(/^data:[^,]{0,100};base64,/, "").replace(/\s+/g, "");
  const type = pictureType(Buffer.from(text.slice(0, 32), "base64"));
  if (type === null) {
    throw new AppError("invalid_request", `An image must be a ${pictureNames} file as base64.`, {
      details: { param: "images" },
    });
  }
  return `data:${type};base64,${text}`;
}
