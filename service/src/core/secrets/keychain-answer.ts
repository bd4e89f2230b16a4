export type KeychainAnswer =
  | { readonly kind: "value"; readonly value: string }
  | { readonly kind: "done" }
  | { readonly kind: "absent" }
  /** `exitCode` null: it was ended from outside, or never ran. Its texts are dropped: they may repeat the command. */
  | { readonly kind: "failed"; readonly exitCode: number | null };

export interface SecurityRun {
  readonly exitCode: number | undefined;
  readonly output: string;
  readonly errorOutput: string;
}

/** The low byte of `errSecItemNotFound` (-25300). */
const notFound = 44;

/**
 * Reads what one command of `security -i` said. A line of output is a value of ours; a failing command is told by the
 * exit code and by `<command>: returned <code>` on standard error, of which older systems give only the latter.
 */
export function readAnswer({ exitCode, output, errorOutput }: SecurityRun): KeychainAnswer {
  if (exitCode === undefined) return { kind: "failed", exitCode: null };
  const told = /: returned (-?\d+)\s*$/m.exec(errorOutput)?.[1];
  const code = exitCode === 0 && told !== undefined ? Number(told) : exitCode;
  if ((code & 0xff) === notFound) return { kind: "absent" };
  if (code !== 0) return { kind: "failed", exitCode: code };
  const line = output.trim();
  // Without `-w`, deleting and finding describe the item; that is no value.
  if (line === "" || line.includes("\n") || line.startsWith("keychain:")) return { kind: "done" };
  return /^[A-Za-z0-9_-]+$/.test(line)
    ? { kind: "value", value: Buffer.from(line, "base64url").toString() }
    : { kind: "failed", exitCode: 0 };
}
