import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** When a client of the service in this process left, and when the service's own connection for it was ended. */
export interface ClosingTimes {
  /**
   * Milliseconds from the client's close to the end of our connection, when both are over.
   * @param client names the client's request by its `user-agent`
   * @param port the service's end of its connection to the engine
   */
  between(client: string, port: number): Promise<number>;
  close(): void;
}

/** Listens to what Node tells of its connections, whichever client they belong to. */
export function watchClosings(): ClosingTimes {
  const left = new Map<string, Promise<number>>();
  const gone = new Map<number, Promise<number>>();
  const onRequest = (message: unknown): void => {
    const { request, response } = message as { request: IncomingMessage; response: ServerResponse };
    const closed = new Promise<number>((resolve) => response.once("close", () => resolve(performance.now())));
    left.set(request.headers["user-agent"] ?? "", closed);
  };
  const onSocket = (message: unknown): void => {
    const { socket } = message as { socket: Socket };
    // Heard when it is told to go: that its event comes a turn of the loop later is the test's load, which is here too.
    const destroyed = new Promise<number>((resolve) => {
      const destroy = socket.destroy.bind(socket);
      socket.destroy = (error) => {
        resolve(performance.now());
        return destroy(error);
      };
    });
    socket.once("connect", () => gone.set(socket.localPort ?? 0, destroyed));
  };
  subscribe("http.server.request.start", onRequest);
  subscribe("net.client.socket", onSocket);
  return {
    async between(client, port) {
      const [leftAt, goneAt] = await Promise.all([left.get(client), gone.get(port)]);
      return (goneAt ?? Infinity) - (leftAt ?? Infinity);
    },
    close() {
      unsubscribe("http.server.request.start", onRequest);
      unsubscribe("net.client.socket", onSocket);
    },
  };
}
