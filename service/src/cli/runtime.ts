import type { Client } from "./api/client.ts";
import type { Connection } from "./api/connection.ts";
import type { Interrupts } from "./interrupts.ts";
import type { Terminal } from "./terminal.ts";

export interface ServeRequest {
  readonly installEngine: boolean;
  readonly say: (line: string) => void;
}

/** What every verb works with. Nothing is opened before it is asked for. */
export interface Runtime {
  readonly terminal: Terminal;
  readonly interrupts: Interrupts;
  readonly version: string;
  /** The question-and-answer file of the demo model, for `doctor --full`. */
  readonly demoQuestions: string;
  readonly serve: (request: ServeRequest) => Promise<number>;
  /** The data directory. */
  home(): string;
  isJson(): boolean;
  connection(): Connection;
  /** One client for the whole command. */
  client(): Client;
  /** Ends the command with another code than 0 without an error; the verb has said why. */
  exitWith(code: number): void;
}
