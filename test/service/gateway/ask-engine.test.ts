import { createServer } from "node:http";
import type { RequestListener, Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { afterEach, describe, expect, test } from "@jest/globals";
import { askEngine } from "../../../service/src/gateway/ask-engine.ts";
import type { GatewayLease } from "../../../service/src/gateway/dependencies.ts";

/** Of each engine, in order. */
const connections: (Socket[] & { readonly server: Server })[] = [];
const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

describe("a question to an engine of this machine", () => {
  test("is sent with its length and the lease's headers, and its answer read to the end", async () => {
    const seen: unknown[] = [];
    const lease = await engine((request, response) => {
      seen.push([request.method, request.url, request.headers["content-length"], request.headers["x-token"]]);
      response.end("whole");
    });
    const answer = await ask(lease);
    expect([answer.statusCode, await textOf(answer.body)]).toEqual([200, "whole"]);
    expect(seen).toEqual([["POST", "/v1/ask", "2", "secret"]]);
  });

  test("a connection that breaks in the middle is an error, not an end", async () => {
    const lease = await engine((_request, response) => {
      response.write("half");
      setImmediate(() => response.destroy());
    });
    const answer = await ask(lease);
    await expect(textOf(answer.body)).rejects.toThrow(/aborted|closed/);
  });

  test("the signal ends the wait for an answer with its reason, and the connection", async () => {
    const controller = new AbortController();
    let closed: Promise<unknown> = Promise.resolve();
    const lease = await engine((_request, response) => {
      closed = once(response, "close");
      controller.abort(new Error("The client left."));
    });
    await expect(ask(lease, controller.signal)).rejects.toThrow("The client left.");
    await closed;
  });

  test("the signal ends the answer in the middle with its reason, and the connection", async () => {
    const controller = new AbortController();
    let closed: Promise<unknown> = Promise.resolve();
    const lease = await engine((_request, response) => {
      closed = once(response, "close");
      response.write("half");
    });
    const answer = await ask(lease, controller.signal);
    const reading = answer.body[Symbol.asyncIterator]();
    await reading.next();
    controller.abort(new Error("The client left."));
    await expect(reading.next()).rejects.toThrow("The client left.");
    await closed;
  });

  test("leaving in the middle ends the connection", async () => {
    let closed: Promise<unknown> = Promise.resolve();
    const lease = await engine((_request, response) => {
      closed = once(response, "close");
      response.write("half");
    });
    for await (const bytes of (await ask(lease)).body) {
      expect(bytes.length).toBe(4);
      break;
    }
    await closed;
  });

  test("leaving after the last word lets the engine end its answer by itself", async () => {
    const ends: Promise<unknown>[] = [];
    const lease = await engine((_request, response) => {
      ends.push(once(response, "finish"));
      response.write("data: [DONE]\n\n");
      setImmediate(() => response.end());
    });
    for (let count = 0; count < 3; count += 1) {
      const { body } = await ask(lease);
      for await (const bytes of body) {
        expect(bytes.length).toBeGreaterThan(0);
        body.endIsNear?.();
        break;
      }
    }
    expect(await Promise.all(ends)).toHaveLength(3);
  });

  test("an answer that ends after its reader has left disturbs nobody", async () => {
    const ports: (number | undefined)[] = [];
    let finish = (): void => undefined;
    const lease = await engine((request, response) => {
      ports.push(request.socket.remotePort);
      response.write("data: [DONE]\n\n");
      finish = () => void response.end();
    });
    for (let count = 0; count < 2; count += 1) {
      const { body } = await ask(lease);
      for await (const bytes of body) {
        expect(bytes.length).toBeGreaterThan(0);
        body.endIsNear?.();
        break;
      }
      finish();
    }
    // The second question went out, whatever became of the first connection; a crash would have ended it all.
    expect(ports).toHaveLength(2);
    const { body } = await ask(lease);
    finish();
    expect(await textOf(body)).toBe("data: [DONE]\n\n");
  });

  test("an engine that closes each connection finds the next one made already", async () => {
    const lease = await engine((request, response) => {
      request.socket.setKeepAlive(false);
      response.shouldKeepAlive = false;
      response.end("whole");
    });
    const connected = connections.at(-1)!;
    await textOf((await ask(lease)).body);
    while (connected.length < 2) await once(connected.server, "connection");
    await textOf((await ask(lease)).body);
    expect(connected.filter(({ bytesRead }) => bytesRead > 0)).toHaveLength(2);
    // A connection that the engine has closed meanwhile is not used.
    while (connected.length < 3) await once(connected.server, "connection");
    const spare = connected[2]!;
    spare.end();
    await once(spare.resume(), "close");
    expect(await textOf((await ask(lease)).body)).toBe("whole");
  });

  test("an engine is read no faster than its reader", async () => {
    let written = 0;
    const isFull = Promise.withResolvers<undefined>();
    const lease = await engine((_request, response) => {
      const piece = Buffer.alloc(64 * 1024);
      const write = (): void => {
        written += piece.length;
        if (response.write(piece)) return void setImmediate(write);
        isFull.resolve(undefined);
        // Goes on as long as somebody takes it.
        response.once("drain", write);
      };
      write();
    });
    const reading = (await ask(lease)).body[Symbol.asyncIterator]();
    await reading.next();
    await isFull.promise;
    let before = -1;
    // The kernel's buffers fill up, and then nothing moves any more.
    for (let still = 0; still < 20; before = written) {
      await new Promise((resolve) => setImmediate(resolve));
      still = written === before ? still + 1 : 0;
    }
    expect(written).toBeLessThan(32 * 1024 * 1024);
    await reading.return?.();
  });
});

async function engine(listener: RequestListener): Promise<GatewayLease> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  const seen: Socket[] = [];
  connections.push(Object.assign(seen, { server }));
  server.on("connection", (socket) => seen.push(socket));
  await once(server, "listening");
  ends.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { serverId: "server_1", url, headers: { "x-token": "secret" }, engine: "mlx-lm" } as unknown as GatewayLease;
}

function ask(lease: GatewayLease, signal: AbortSignal = new AbortController().signal) {
  return askEngine(lease, { path: "/v1/ask", body: "{}" }, signal);
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  let text = "";
  for await (const bytes of body) text += Buffer.from(bytes).toString();
  return text;
}
