import type { Log } from "../../platform/log.ts";

/**
 * What the user trusts the service with, by name. Values appear in no log line, error or event: whoever gets one here
 * keeps it that way. Changes are one after the other; reading while one runs answers the value before or after it.
 */
export interface Secrets {
  /** @throws AppError `internal` when the store cannot be read. */
  get(name: string): Promise<string | null>;
  /** @throws AppError `invalid_request` for a value that is no single word of printable ASCII. */
  set(name: string, value: string): Promise<void>;
  /** Removing what is not there is no error. */
  remove(name: string): Promise<void>;
}

export interface SecretsOptions {
  /** Linux: the file. macOS: it only tells the Keychain entries of several data directories apart. */
  readonly secretsPath: string;
  readonly platform: NodeJS.Platform;
  readonly log: Log;
  /** macOS: what its command is started with. */
  readonly childEnvironment?: Readonly<Record<string, string>>;
  /** macOS: Apple's command for the Keychain. */
  readonly securityProgram?: string;
}
