import { AppError } from "../../platform/errors.ts";
import { writeApiError } from "../../platform/http/errors.ts";
import type { ErrorWriter } from "../../platform/http/errors.ts";

/** The Hub's words for what is missing; its clients decide by them. */
function hubCode({ code, details }: AppError): string | null {
  if (code === "model_not_found") return "RepoNotFound";
  if (code === "revision_not_found") return "RevisionNotFound";
  return code === "not_found" && details?.["path"] !== undefined ? "EntryNotFound" : null;
}

/** Our own body, and in headers what clients of the Hub read: a `HEAD` has no body. */
export const writeHubError: ErrorWriter = (error, requestId) => {
  const code = hubCode(error);
  const commit = error.details?.["commit"];
  return {
    ...writeApiError(error, requestId),
    headers: {
      ...(code === null ? {} : { "x-error-code": code }),
      "x-error-message": error.message.replace(/[^\x20-\x7e]/g, "?"),
      ...(typeof commit === "string" ? { "x-repo-commit": commit } : {}),
    },
  };
};

/**
 * @param commit given only where the commit has no such file: clients remember that for good, so it must not be said of
 *   one that merely is not on this machine.
 */
export function entryNotFound(path: string, revision: string, commit: string | null): AppError {
  return new AppError("not_found", `There is no ${path.slice(0, 200)} in revision ${revision} here.`, {
    details: { path, ...(commit === null ? {} : { commit }) },
  });
}

export function notSwitchedOn(): AppError {
  return new AppError(
    "not_found",
    "This service does not share its models. Switch it on there: mlx-manager config set mirrorEnabled true",
  );
}
