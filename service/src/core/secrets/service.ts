import { AppError } from "../../platform/errors.ts";
import type { Log } from "../../platform/log.ts";
import { createFileSecrets } from "./file-secrets.ts";
import { createKeychainSecrets } from "./keychain.ts";

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

/** A file that only its owner can read; on macOS the login Keychain. Nothing is opened before the first call. */
export function createSecrets(options: SecretsOptions): Secrets {
  const store = options.platform === "darwin" ? createKeychainSecrets(options) : createFileSecrets(options);
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const result = last.then(work, work);
    last = result.catch(() => undefined); // told to its own caller, who awaits `result`
    return result;
  };
  return {
    get: (name) => inTurn(() => store.get(checkName(name))),
    set: (name, value) => inTurn(() => store.set(checkName(name), checkValue(value))),
    remove: (name) => inTurn(() => store.remove(checkName(name))),
  };
}

function checkName(name: string): string {
  if (/^[a-z][a-z0-9-]{0,63}$/.test(name)) return name;
  throw new AppError("invalid_request", "That is no name for a secret.");
}

/** The length is what one line of macOS' `security -i` takes, with room for the rest of the command. */
function checkValue(value: string): string {
  if (/^[\x21-\x7e]{1,2048}$/.test(value)) return value;
  throw new AppError("invalid_request", "A secret is 1 to 2048 visible ASCII characters without spaces.");
}
