import pino from "pino";

export type Log = pino.Logger;

export interface LogOptions {
  readonly debug: boolean;
  /** Where lines go; the process' stderr by default, so that stdout stays the CLI's. */
  readonly destination?: pino.DestinationStream;
}

/** Keys that hold secrets anywhere in a logged object. */
const secretPaths = [
  "authorization",
  "token",
  "apiKey",
  "key",
  "password",
  "headers.authorization",
  'headers["x-api-key"]',
];

/** JSON lines on stderr with secrets taken out. No transports: a worker thread would outlive a crash unseen. */
export function createLog(options: LogOptions): Log {
  return pino(
    {
      level: options.debug ? "debug" : "info",
      base: null,
      redact: { paths: secretPaths.flatMap((path) => [path, `*.${path}`]), censor: "[secret]" },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: pino.stdSerializers.err },
    },
    options.destination ?? pino.destination({ fd: 2, sync: true }),
  );
}
