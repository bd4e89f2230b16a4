import { createHash } from "node:crypto";
import { AppError } from "../../platform/errors.ts";
import { readAnswer } from "./keychain-answer.ts";
import type { KeychainAnswer } from "./keychain-answer.ts";
import type { Secrets, SecretsOptions } from "./secrets.ts";

const service = "com.mlx-manager";
/** A locked Keychain may ask on a screen that nobody looks at. */
const limitMs = 10_000;

/**
 * The login Keychain by Apple's `security`. Commands go through its standard input: arguments are seen by every program
 * of the machine. Values are written as base64url, so that neither quoting nor its hexadecimal output matters.
 */
export function createKeychainSecrets({
  secretsPath,
  childEnvironment = {},
  securityProgram = "/usr/bin/security",
}: SecretsOptions): Secrets {
  const owner = createHash("sha256").update(secretsPath).digest("hex").slice(0, 12);
  const item = (name: string) => `-s ${service} -a ${name}.${owner}`;

  const run = async (command: string): Promise<KeychainAnswer> => {
    const { execa } = await import("execa");
    const { exitCode, stdout, stderr, timedOut } = await execa(securityProgram, ["-i"], {
      ...{ input: `${command}\n`, reject: false, timeout: limitMs, env: { ...childEnvironment }, extendEnv: false },
    });
    return readAnswer({ exitCode: timedOut ? undefined : exitCode, output: stdout, errorOutput: stderr });
  };

  return {
    async get(name) {
      const answer = await run(`find-generic-password ${item(name)} -w`);
      if (answer.kind === "value") return answer.value;
      if (answer.kind === "absent") return null;
      throw refused("read", answer);
    },
    async set(name, value) {
      const text = Buffer.from(value).toString("base64url");
      const label = `-l "MLX Manager" -j "Stored by MLX Manager"`;
      const answer = await run(`add-generic-password -U ${item(name)} ${label} -w ${text}`);
      if (answer.kind !== "done") throw refused("write to", answer);
    },
    async remove(name) {
      const answer = await run(`delete-generic-password ${item(name)}`);
      if (answer.kind === "failed") throw refused("write to", answer);
    },
  };
}

function refused(what: string, answer: KeychainAnswer): AppError {
  const details = answer.kind === "failed" ? { exitCode: answer.exitCode } : {};
  return new AppError("internal", `The Keychain did not let us ${what} it. Unlock it, then try again.`, { details });
}
