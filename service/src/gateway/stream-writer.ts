import type { AppError } from "../platform/errors.ts";
import type { Part } from "./parts.ts";

/** One protocol's way to write a stream. Pure but for what it remembers of its own stream. */
export interface StreamWriter {
  readonly contentType: "text/event-stream; charset=utf-8" | "application/x-ndjson";
  /** Everything one array of parts says, as one text for one socket write; empty for what the protocol does not show. */
  write(parts: readonly Part[]): string;
  /** Told when nothing else was for a while. */
  readonly heartbeat: string | (() => string);
  /** The protocol's error event, after which the stream ends. */
  error(error: AppError): string;
}
