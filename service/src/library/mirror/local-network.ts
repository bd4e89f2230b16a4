import { hostname, networkInterfaces } from "node:os";
import multicastDns from "multicast-dns";
import type { DnsPacket, MulticastDnsOptions } from "multicast-dns";

/** The local network as far as services find each other on it. */
export interface LocalNetwork {
  send(answer: DnsPacket): void;
  ask(name: string): void;
  /** @param said that goes out before the end. */
  close(said: DnsPacket | null): Promise<void>;
}

export interface LocalNetworkListener {
  question(packet: DnsPacket): void;
  answer(packet: DnsPacket): void;
  /** The socket is of no use any more. */
  failed(error: Error): void;
  /** A packet that could not be read or sent: others' business, or a network that comes and goes. */
  warned(error: Error): void;
}

/** Opens a socket for multicast DNS. What arrives cannot bring the process down, whatever it is. */
export function openLocalNetwork(listener: LocalNetworkListener, options: MulticastDnsOptions = {}): LocalNetwork {
  const socket = multicastDns(options);
  const guarded = (read: (packet: DnsPacket) => void) => (packet: DnsPacket) => {
    try {
      read(packet);
    } catch (error) {
      listener.warned(error as Error);
    }
  };
  const noteFailure = (error?: Error | null): void => {
    if (error) listener.warned(error);
  };
  socket.on("query", guarded(listener.question));
  socket.on("response", guarded(listener.answer));
  socket.on("error", listener.failed);
  socket.on("warning", listener.warned);
  return {
    send: (answer) => socket.respond(answer, noteFailure),
    ask: (name) => socket.query({ questions: [{ name, type: "PTR" }] }, noteFailure),
    async close(said) {
      if (said !== null) await new Promise<void>((resolve) => socket.respond(said, () => resolve()));
      await new Promise<void>((resolve) => socket.destroy(resolve));
    },
  };
}

/** This machine's name on the local network, without `.local`; in letters, digits and dashes, as names there are. */
export function machineName(): string {
  const [first = ""] = hostname().split(".");
  return (
    first
      .replace(/[^A-Za-z0-9-]/g, "-")
      .replace(/^-+|-+$/g, "")
      .slice(0, 50) || "mlx-manager"
  );
}

/** Where others reach a service that listens on `host`. */
export function reachableAddresses(host: string): string[] {
  if (host !== "0.0.0.0" && host !== "::") return [host];
  return Object.values(networkInterfaces()).flatMap((addresses) =>
    (addresses ?? []).filter(({ internal }) => !internal).map(({ address }) => address),
  );
}
