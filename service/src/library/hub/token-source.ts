import { readFileSync } from "node:fs";
import type { Failure } from "../../contract/error.ts";
import type { HubTokenSource } from "../../contract/hub-token.ts";
import type { Secrets } from "../../core/secrets/index.ts";
import { AppError, systemCode, toFailure } from "../../platform/errors.ts";
import type { Log } from "../../platform/log.ts";

export interface TokenSettings {
  /** `HF_TOKEN`, else the old `HUGGING_FACE_HUB_TOKEN`. */
  readonly hubToken: string | null;
  readonly secrets: Secrets;
  /** The file `hf auth login` writes: `HF_TOKEN_PATH`, else `$HF_HOME/token`. */
  readonly hubTokenPath: string | null;
  readonly log: Log;
}

export interface FoundToken {
  readonly source: HubTokenSource;
  /** Null for one that cannot be sent; `problem` then says why. */
  readonly value: string | null;
  readonly problem: Failure | null;
}

/** The token in use: the variable, then the stored one, then the file; the first one there counts, usable or not. */
export interface TokenSource {
  find(): FoundToken | null;
  /** What requests carry. */
  current(): string | null;
  /** Reads the stored one; once, before the first request. Never throws: without it the service still works. */
  load(): Promise<void>;
  /** @throws AppError of the store; then nothing has changed. */
  store(token: string): Promise<void>;
  remove(): Promise<void>;
  isFixed(): boolean;
}

const secretName = "hub-token";

/** As Python's huggingface_hub finds it, with ours between. The file is read at each call: a login needs no restart. */
export function createTokenSource({ hubToken, secrets, hubTokenPath: path, log }: TokenSettings): TokenSource {
  const fixed = clean(hubToken);
  let stored: { value: string | null; problem: Failure | null } = { value: null, problem: null };
  let isFileTold = false;

  const readFile = (): FoundToken | null => {
    try {
      const value = path === null ? null : clean(readFileSync(path, "utf8"));
      return value === null ? null : usable("file", value);
    } catch (error) {
      if (systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR") return null;
      if (!isFileTold) log.warn({ error }, "the Hugging Face token file cannot be read");
      isFileTold = true;
      const message = "The Hugging Face token file cannot be read. Run `hf auth login` again.";
      return { source: "file", value: null, problem: toFailure(new AppError("token_invalid", message)) };
    }
  };

  const find = (): FoundToken | null => {
    if (fixed !== null) return usable("environment", fixed);
    if (stored.value !== null) return usable("stored", stored.value);
    if (stored.problem !== null) return { source: "stored", value: null, problem: stored.problem };
    return readFile();
  };

  return {
    find,
    current: () => find()?.value ?? null,
    isFixed: () => fixed !== null,
    async load() {
      try {
        stored = { value: await secrets.get(secretName), problem: null };
      } catch (error) {
        log.error({ error }, "the stored Hugging Face token cannot be read");
        stored = { value: null, problem: toFailure(error) };
      }
    },
    async store(token) {
      await secrets.set(secretName, token);
      stored = { value: token, problem: null };
    },
    async remove() {
      await secrets.remove(secretName);
      stored = { value: null, problem: null };
    },
  };
}

/** A header cannot carry every character, and the error about it would quote the token: so it is never tried. */
function usable(source: HubTokenSource, value: string): FoundToken {
  if (/^[\x21-\x7e]+$/.test(value)) return { source, value, problem: null };
  const message = "The Hugging Face token holds characters that no token has. Set it anew: mlx-manager token set";
  return { source, value: null, problem: toFailure(new AppError("token_invalid", message)) };
}

/** Line ends and blanks around it do not count; empty is none. */
function clean(text: string | null): string | null {
  const cleaned = text?.replace(/[\r\n]/g, "").trim() ?? "";
  return cleaned === "" ? null : cleaned;
}
