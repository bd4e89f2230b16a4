import { AppError } from "../../platform/errors.ts";
import { createFileSecrets } from "./file-secrets.ts";
import { createKeychainSecrets } from "./keychain.ts";
import type { Secrets, SecretsOptions } from "./secrets.ts";

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
