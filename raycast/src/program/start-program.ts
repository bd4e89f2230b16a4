import { environment } from "@raycast/api";
import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Connection } from "../api/connection.ts";
import { homeFolder } from "../api/place.ts";

/** The service ended before it listened; `output` is what it said. */
export class StartError extends Error {
  override readonly name = "StartError";
  readonly output: string;

  constructor(message: string, output: string) {
    super(message);
    this.output = output;
  }
}

export interface StartedProgram {
  /** Rejects with a StartError should the program end; never resolves. */
  ended: Promise<never>;
}

/**
 * Starts `mlx-manager serve` for good: in a session of its own, so that it outlives the command and Raycast. What it says
 * goes to a file, since nobody reads a pipe once the window is closed.
 */
export function startProgram(program: string, connection: Connection): StartedProgram {
  mkdirSync(environment.supportPath, { recursive: true });
  const outputFile = join(environment.supportPath, "service-start.log");
  const output = openSync(outputFile, "w");
  try {
    const child = spawn(program, ["serve"], {
      cwd: homeFolder(),
      detached: true,
      stdio: ["ignore", output, output],
      env: serviceEnvironment(program, connection),
    });
    const ended = new Promise<never>((_resolve, reject) => {
      child.once("error", (error) => reject(new StartError(`${program} could not be run.`, String(error))));
      child.once("exit", (code, signal) => {
        const said = readFileSync(outputFile, "utf8").trim();
        reject(new StartError(lastLine(said) ?? `The service ended with ${code ?? signal}.`, said));
      });
    });
    // Whoever stops waiting must not be surprised by a service that ends an hour later.
    ended.catch(() => undefined);
    child.unref();
    return { ended };
  } finally {
    closeSync(output);
  }
}

/** launchd's PATH has no Node: the program's own folder usually has it. */
function serviceEnvironment(program: string, { address }: Connection): NodeJS.ProcessEnv {
  const folders = [dirname(program), "/opt/homebrew/bin", "/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin"];
  const { port } = new URL(address);
  return {
    ...process.env,
    PATH: [...new Set([...folders, ...(process.env["PATH"] ?? "").split(":")])].filter(Boolean).join(":"),
    ...(port === "" ? {} : { MLX_MANAGER_PORT: port }),
  };
}

function lastLine(text: string): string | undefined {
  return text.split("\n").findLast((line) => line.trim() !== "");
}
