import type { ClusterHost } from "../../contract/profile-kinds.ts";
import { isThisMachine } from "./hosts.ts";

export interface ShellAnswer {
  /** Null: it could not be run, or took too long. */
  readonly exitCode: number | null;
  readonly output: string;
  readonly errorOutput: string;
  readonly isReached: boolean;
}

/** Runs a program on a host of a cluster. Tests put another in its place. */
export interface HostShell {
  run(host: Pick<ClusterHost, "host">, command: readonly string[], input: string): Promise<ShellAnswer>;
}

export interface SshOptions {
  /** What programs inherit. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly limitMs?: number;
}

/** What ssh ends with when it did not reach the host or was not let in. */
const sshFailed = 255;
/** Never a question: nobody sits there to answer it. */
const sshOptions = ["-o", "BatchMode=yes", "-o", "ConnectTimeout=8", "-o", "LogLevel=ERROR"];

/** ssh with the user's own keys and known hosts; programs of this machine without it. */
export function createHostShell({ environment, limitMs = 30_000 }: SshOptions): HostShell {
  return {
    async run(host, command, input) {
      const isLocal = isThisMachine(host);
      const [file = "", ...args] = isLocal
        ? command
        : ["ssh", ...sshOptions, "--", host.host, command.map(quoted).join(" ")];
      const { execa } = await import("execa");
      const { exitCode, stdout, stderr, timedOut } = await execa(file, args, {
        ...{ input, reject: false, timeout: limitMs, env: { ...environment }, extendEnv: false },
      });
      const code = timedOut || exitCode === undefined ? null : exitCode;
      const isReached = isLocal || (code !== null && code !== sshFailed);
      return { exitCode: code, output: stdout, errorOutput: stderr, isReached };
    },
  };
}

/** One word of a POSIX shell. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
