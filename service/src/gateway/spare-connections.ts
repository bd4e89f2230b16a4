import { Agent } from "node:http";
import type { ClientRequestArgs } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";

/** Takes a connection out of here; null when it is not good any more. */
type Take = () => Socket | null;

/**
 * An agent that has the next connection ready. `mlx_lm.server` closes each one with its answer, and to wait for a new one
 * is a large part of what a request waits for here: so it is made when the one before has ended. An engine that goes
 * closes it, and then it is forgotten.
 */
export class SpareConnections extends Agent {
  readonly #spares = new Map<string, Take>();

  override createConnection(options: ClientRequestArgs, done?: (error: Error | null, stream: Duplex) => void): Duplex {
    const key = this.getName(options);
    const socket = this.#spares.get(key)?.() ?? super.createConnection(options, done)!;
    socket.once("close", (hadError: boolean) => {
      if (!hadError && !this.#spares.has(key)) this.#prepare(key, options);
    });
    return socket;
  }

  #prepare(key: string, options: ClientRequestArgs): void {
    const socket = super.createConnection(options) as Socket;
    const forget = (): void => {
      if (this.#spares.get(key) === take) this.#spares.delete(key);
      for (const event of events) socket.off(event, drop);
    };
    const drop = (): void => {
      forget();
      // Nobody waits for it.
      socket.on("error", () => undefined).destroy();
    };
    const take: Take = () => {
      if (socket.readyState !== "open" && socket.readyState !== "opening") {
        drop();
        return null;
      }
      forget();
      return socket.ref();
    };
    this.#spares.set(key, take);
    // Read, or its end would never be noticed.
    socket.unref().resume();
    for (const event of events) socket.once(event, drop);
  }
}

const events = ["error", "end", "close"] as const;
