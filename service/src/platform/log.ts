import pino from "pino";

export type Log = pino.Logger;

export interface LogOptions {
  readonly debug: boolean;
  /** Where lines go; the process' stderr by default, so that stdout stays the CLI's. */
  readonly destination?: pino.DestinationStream;
}

/** JSON lines on stderr with secrets taken out. No transports: a worker thread would outlive a crash unseen. */
export function createLog(options: LogOptions): Log {
  return pino(
    {
      level: options.debug ? "debug" : "info",
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: (fields) => hideFields(fields) },
      // For what child loggers bind, which no formatter sees.
      redact: { paths: ["authorization", "token", "key", "apiKey", "password"], censor },
      serializers: { error: (error: Error) => hideSecrets(pino.stdSerializers.err(error)) },
    },
    options.destination ?? pino.destination({ fd: 2, sync: true }),
  );
}

const censor = "[secret]";
const deepest = 8;

/** Names under which secrets travel: headers, variables and fields of ours and of libraries' errors. */
const secretName = /^(key|cookie|set-cookie)$|(authorization|token|api[-_]?key|secret|password)$/i;

/** pino's own redaction takes paths of a known depth; a library's error may carry its headers anywhere. */
function hideSecrets(value: unknown, depth = 0): unknown {
  if (typeof value !== "object" || value === null || depth > deepest) return value;
  if (Array.isArray(value)) return value.map((item) => hideSecrets(item, depth + 1));
  // Errors are left to the serializer; other class instances know themselves how to be written.
  const prototype: unknown = Object.getPrototypeOf(value);
  if (depth > 0 && prototype !== null && Object.getPrototypeOf(prototype) !== null) return value;
  return hideFields(value as Record<string, unknown>, depth);
}

function hideFields(fields: Record<string, unknown>, depth = 0): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === "string" && secretName.test(name) ? censor : hideSecrets(value, depth + 1),
    ]),
  );
}
