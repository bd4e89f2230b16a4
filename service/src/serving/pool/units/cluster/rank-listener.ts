import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import * as z from "zod";
import type { Clock } from "../../../../platform/clock.ts";
import type { Log } from "../../../../platform/log.ts";
import type { ControlMessage } from "../process/control-messages.ts";
import { createControlReader, stopCommand } from "../process/control-stream.ts";

export interface RankListenerOptions {
  /** An address of this machine that the ranks reach. */
  readonly address: string;
  readonly ranks: number;
  /** What a rank has to know; null as long as nobody may join. */
  readonly secret: () => string | null;
  readonly joined: (rank: number) => void;
  readonly message: (rank: number, message: ControlMessage) => void;
  /** The rank's control stream ended: it is over, or its host is. */
  readonly closed: (rank: number) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** Where the ranks of one cluster bring their control streams. Open as long as the cluster lives. */
export interface RankListener {
  /** `host:port`, as a rank takes it. */
  readonly address: string;
  askToStop(): void;
  /** Ends every stream: each rank kills its own group. */
  close(): void;
}

/** A stranger on the network may connect; it gets this long, and never more than a challenge. */
const joinMs = 10_000;
/** After so long the system asks a silent host whether it is there. */
const silenceMs = 10_000;
const longestJoinBytes = 1024;
const mostStrangers = 16;

const Join = z.object({ type: z.literal("join"), rank: z.int().nonnegative(), proof: z.string() });

/** @throws the system's error when the address is none of this machine. */
export async function openRankListener(options: RankListenerOptions): Promise<RankListener> {
  const { clock, log } = options;
  const streams = new Map<number, Socket>();
  const strangers = new Set<Socket>();

  const adopt = (rank: number, socket: Socket, rest: Buffer): void => {
    streams.set(rank, socket);
    // A host that loses its power says nothing.
    socket.setKeepAlive(true, silenceMs);
    const reader = createControlReader({
      message: (message) => options.message(rank, message),
      skipped: (reason) => log.warn({ rank, reason }, "control message of a rank skipped"),
      broken: (reason) => {
        log.warn({ rank, reason }, "control stream of a rank is broken");
        socket.destroy();
      },
    });
    socket.on("data", (chunk: Buffer) => reader.push(chunk));
    // The end of what it says: our own end of the stream takes longer to close, and the first loss is the cause.
    let isClosed = false;
    const closed = (): void => {
      if (!isClosed) options.closed(rank);
      isClosed = true;
    };
    socket.once("end", closed);
    socket.once("close", closed);
    options.joined(rank);
    if (rest.length > 0) reader.push(rest);
  };

  const server = createServer((socket) => {
    socket.on("error", (error) => log.debug({ error }, "control stream of a rank"));
    if (strangers.size >= mostStrangers) return void socket.destroy();
    strangers.add(socket);
    const nonce = randomBytes(16).toString("hex");
    const cancel = clock.after(joinMs, () => socket.destroy());
    let open = Buffer.alloc(0);
    const settle = (): void => {
      cancel();
      strangers.delete(socket);
      socket.off("data", read);
    };
    const read = (chunk: Buffer): void => {
      open = Buffer.concat([open, chunk]);
      const end = open.indexOf(10);
      if (end === -1 && open.length <= longestJoinBytes) return;
      settle();
      const rank = end === -1 ? null : provenRank(open.subarray(0, end), nonce, options);
      if (rank !== null && !streams.has(rank)) return adopt(rank, socket, open.subarray(end + 1));
      log.warn({ from: socket.remoteAddress }, "a connection that is no rank of the cluster was refused");
      socket.destroy();
    };
    socket.on("data", read);
    socket.once("close", settle);
    socket.write(`${JSON.stringify({ type: "challenge", nonce })}\n`);
  });
  await listen(server, options.address);
  const { port } = server.address() as AddressInfo;
  const host = options.address.includes(":") ? `[${options.address}]` : options.address;
  return {
    address: `${host}:${port}`,
    askToStop() {
      for (const socket of streams.values()) if (socket.writable) socket.write(stopCommand());
    },
    close() {
      server.close();
      for (const socket of [...strangers, ...streams.values()]) socket.destroy();
    },
  };
}

function provenRank(line: Buffer, nonce: string, { secret, ranks }: RankListenerOptions): number | null {
  const key = secret();
  const join = Join.safeParse(parse(line));
  if (key === null || !join.success || join.data.rank >= ranks) return null;
  const expected = createHmac("sha256", key).update(`${nonce}:${join.data.rank}`).digest();
  const given = Buffer.from(join.data.proof, "hex");
  return given.length === expected.length && timingSafeEqual(given, expected) ? join.data.rank : null;
}

function parse(line: Buffer): unknown {
  try {
    return JSON.parse(line.toString("utf8"));
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function listen(server: Server, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, address, () => {
      server.off("error", reject);
      resolve();
    });
  });
}
