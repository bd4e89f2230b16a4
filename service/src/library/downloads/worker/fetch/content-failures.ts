import { AppError } from "../../../../platform/errors.ts";

/** Bytes that came, and are not those that were promised. */
export function checksumMismatch(path: string): AppError {
  return new AppError(
    "checksum_mismatch",
    `The content of ${path} is not what the Hub promises, twice in a row. Try again later, or check for a proxy in between.`,
    { details: { path } },
  );
}

export function cutShort(): AppError {
  return new AppError("hub_unreachable", "The Hub ends its answers early. Check the network and try again.", {
    details: { reason: "cut short" },
  });
}

export function changedContent(): AppError {
  return new AppError("hub_unreachable", "The file changed on the Hub while it was fetched. Try again.", {
    details: { reason: "changed" },
  });
}

export function silence(): AppError {
  return new AppError("hub_unreachable", "The Hub stopped sending. Check the network and try again.", {
    details: { reason: "stalled" },
  });
}
