import type { AppError } from "../../platform/errors.ts";
import type { ErrorWriter } from "../../platform/http/errors.ts";
import { withJob } from "../failures.ts";

/** Errors of Ollama's paths in its shape, which has a place for a sentence alone. */
export const writeOllamaError: ErrorWriter = (error) => ({ status: error.status, body: ollamaErrorBody(error) });

export function ollamaErrorBody(error: AppError): { error: string } {
  return { error: withJob(error) };
}
