import { readFileSync } from "node:fs";
import { AppError, systemCode } from "../../platform/errors.ts";

export interface TokenSettings {
  /** `HF_TOKEN`, else the old `HUGGING_FACE_HUB_TOKEN`. */
  readonly token: string | null;
  /** The file `hf auth login` writes: `HF_TOKEN_PATH`, else `$HF_HOME/token`. */
  readonly path: string | null;
}

/**
 * Finds the token as Python's huggingface_hub does: the variable, then the file; line ends and blanks removed, empty
 * is none. The file is read at each call, so that a login counts without a restart.
 * @throws AppError `token_invalid` when the file is there and cannot be read.
 */
export function createTokenSource({ token, path }: TokenSettings): () => string | null {
  const fixed = clean(token);
  return () => fixed ?? (path === null ? null : readToken(path));
}

function readToken(path: string): string | null {
  try {
    return clean(readFileSync(path, "utf8"));
  } catch (error) {
    if (systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR") return null;
    throw new AppError("token_invalid", "The Hugging Face token file cannot be read. Run `hf auth login` again.", {
      cause: error,
    });
  }
}

function clean(text: string | null): string | null {
  const cleaned = text?.replace(/[\r\n]/g, "").trim() ?? "";
  return cleaned === "" ? null : cleaned;
}
