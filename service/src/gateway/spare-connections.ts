import { connect } from "node:net";
import type { Socket } from "node:net";

/** Where an engine of this machine listens. */
export interface EngineAddress {
  readonly host: string;
  readonly port: number;
}

/** Connections of one request each. */
export interface SpareConnections {
  take(address: EngineAddress): Socket;
}

/**
 * Has the next connection ready. `mlx_lm.server` closes each one with its answer, and to wait for a new one is a large
 * part of what a request waits for here: so it is made when the one before has ended. An engine that goes closes it, and
 * then it is forgotten.
 */
export function createSpareConnections(): SpareConnections {
  /** Each takes its connection out of here; null when it is not good any more. */
  const spares = new Map<string, () => Socket | null>();

  const prepare = (key: string, address: EngineAddress): void => {
    const socket = open(address);
    const forget = (): void => {
      if (spares.get(key) === take) spares.delete(key);
      for (const event of events) socket.off(event, drop);
    };
    const drop = (): void => {
      forget();
      // Nobody waits for it.
      socket.on("error", () => undefined).destroy();
    };
    const take = (): Socket | null => {
      if (socket.readyState !== "open" && socket.readyState !== "opening") {
        drop();
        return null;
      }
      forget();
      return socket.ref();
    };
    spares.set(key, take);
    // Read, or its end would never be noticed.
    socket.unref().resume();
    for (const event of events) socket.once(event, drop);
  };
  return {
    take(address) {
      const key = `${address.host} ${address.port}`;
      const socket = spares.get(key)?.() ?? open(address);
      socket.once("close", (hadError: boolean) => {
        if (!hadError && !spares.has(key)) prepare(key, address);
      });
      return socket;
    },
  };
}

function open(address: EngineAddress): Socket {
  return connect({ ...address, noDelay: true });
}

const events = ["error", "end", "close"] as const;
