import { AppError } from "../../platform/errors.ts";

const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(2);

export function diskFull(neededBytes: number, freeBytes: number | null): AppError {
  const free = freeBytes === null ? "" : `, ${gigabytes(freeBytes)} GB are free`;
  const message = `The conversion needs about ${gigabytes(neededBytes)} GB on the disk${free}. Free some space, then start it again.`;
  return new AppError("disk_full", message, { details: { neededBytes, ...(freeBytes === null ? {} : { freeBytes }) } });
}

/** What the tool's last words mean. They may name local folders, so only the reason goes on. */
export function explainFailure(output: string, neededBytes: number): AppError {
  if (/no space left on device|errno 28/i.test(output)) return diskFull(neededBytes, null);
  const reason = output
    .split("\n")
    .findLast((line) => /^\w*(?:Error|Exception)\b/.test(line))
    ?.replace(/(?<![\w:/.])\/(?:[^\s/'":,;()[\]<>]+\/)+([^\s/'":,;()[\]<>]*)/g, "…/$1");
  const said = reason === undefined ? "" : ` It said: ${reason.slice(0, 300)}`;
  return new AppError("engine_failed", `The conversion failed.${said} Its log says more.`);
}
