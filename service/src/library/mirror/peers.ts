import type { DnsPacket } from "multicast-dns";
import type { Peer, PeerList } from "../../contract/mirror.ts";
import { timestamp } from "../../platform/clock.ts";
import type { Clock } from "../../platform/clock.ts";
import { AppError } from "../../platform/errors.ts";
import { isLoopback } from "../../platform/http/guard.ts";
import type { Ids } from "../../platform/ids.ts";
import type { Log } from "../../platform/log.ts";
import { openLocalNetwork, machineName, reachableAddresses } from "./local-network.ts";
import type { LocalNetwork, LocalNetworkListener } from "./local-network.ts";
import { answerTo, readNews, recordsOf, serviceType } from "./peer-records.ts";
import type { Announcement } from "./peer-records.ts";

/** Other services on the local network, and this one in their eyes. Does nothing unless the person switched it on. */
export interface Peers {
  /** @throws AppError `offline` */
  list(): PeerList;
  /** Begins, once the service listens. @param port where. */
  start(port: number): void;
  /** Says goodbye. */
  close(): Promise<void>;
}

export interface PeersDependencies {
  readonly settings: {
    values(): { readonly discoverPeers: boolean; readonly mirrorEnabled: boolean };
    onChange(listener: () => void): () => void;
  };
  readonly offline: boolean;
  /** What the service listens on, as configured. */
  readonly host: string;
  readonly version: string;
  readonly apiVersion: number;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly open?: (listener: LocalNetworkListener) => LocalNetwork;
}

const askEveryMs = 60_000;
/** After three unanswered questions. */
const forgottenMs = 3 * askEveryMs;
/** A first word may get lost; it is said twice. Answers to all who ask within this are one. */
const repeatMs = 1000;
const peerLimit = 64;

export function createPeers(dependencies: PeersDependencies): Peers {
  const { settings, offline, host, version, apiVersion, clock, ids, log, open = openLocalNetwork } = dependencies;
  const machine = machineName();
  const instance = `${machine}-${ids("peer").slice(-8)}`.toLowerCase().replace(/[^a-z0-9-]/g, "0");
  const peers = new Map<string, Peer>();
  let port: number | null = null;
  let network: LocalNetwork | null = null;
  let problem: string | null = null;
  let lastWord = -Infinity;
  /** Set as long as it runs, whether or not there is a network. */
  let cancelTurn: (() => void) | null = null;
  let cancelRepeat: (() => void) | null = null;
  let toldMirror: boolean | null = null;

  const own = (): Announcement | null => {
    if (port === null || isLoopback(host)) return null;
    const { mirrorEnabled: mirror } = settings.values();
    return { instance, machine, port, addresses: reachableAddresses(host), version, apiVersion, mirror };
  };

  const announce = (): void => {
    const announcement = own();
    if (network === null || announcement === null) return;
    lastWord = clock.monotonic();
    toldMirror = announcement.mirror;
    network.send({ answers: recordsOf(announcement) });
  };

  const listener: LocalNetworkListener = {
    question(packet: DnsPacket) {
      const announcement = own();
      const answer = announcement === null ? null : answerTo(packet, announcement);
      if (answer === null || clock.monotonic() - lastWord < repeatMs) return;
      lastWord = clock.monotonic();
      network?.send(answer);
    },
    answer(packet) {
      for (const { instance: other, peer } of readNews(packet)) {
        if (other === instance) continue;
        if (peer === null) peers.delete(other);
        else if (peers.has(other) || peers.size < peerLimit) peers.set(other, { ...peer, seenAt: timestamp(clock) });
      }
    },
    failed(error) {
      log.warn({ error }, "other services cannot be looked for on this network");
      problem = "The local network could not be used for this. The service log says why; it is tried again.";
      void shut(null);
    },
    warned: (error) => log.debug({ error }, "a packet of the local network"),
  };

  /** Every minute: whoever has not answered for long is gone, and who is here is asked. */
  const turn = (): void => {
    for (const [other, { seenAt }] of peers) if (clock.now() - Date.parse(seenAt) > forgottenMs) peers.delete(other);
    if (network === null) begin();
    else network.ask(serviceType);
    cancelTurn = clock.after(askEveryMs, turn);
  };

  const begin = (): void => {
    problem = null;
    network = open(listener);
    announce();
    network.ask(serviceType);
    cancelRepeat?.();
    cancelRepeat = clock.after(repeatMs, () => {
      announce();
      network?.ask(serviceType);
    });
  };

  const shut = async (goodbye: DnsPacket | null): Promise<void> => {
    const closing = network;
    network = null;
    await closing?.close(goodbye);
  };

  const stop = async (): Promise<void> => {
    cancelTurn?.();
    cancelRepeat?.();
    cancelTurn = cancelRepeat = null;
    peers.clear();
    const announcement = own();
    await shut(announcement === null ? null : { answers: recordsOf(announcement, 0) });
  };

  const isWanted = () => settings.values().discoverPeers && !offline && port !== null;
  const follow = (): void => {
    if (!isWanted()) {
      stop().catch((error: unknown) => log.warn({ error }, "the local network could not be left in order"));
      return;
    }
    if (cancelTurn === null) {
      begin();
      cancelTurn = clock.after(askEveryMs, turn);
    } else if (settings.values().mirrorEnabled !== toldMirror) announce();
  };
  const stopListening = settings.onChange(follow);

  return {
    list() {
      if (offline) throw new AppError("offline", "Offline mode opens no connection to other machines.");
      const reason = reasonFor(settings.values().discoverPeers, host, problem);
      const items = [...peers.values()].sort((a, b) => (a.name + a.address < b.name + b.address ? -1 : 1));
      return { items, announcing: reason === null && network !== null, reason };
    },
    start(listening) {
      port = listening;
      follow();
    },
    async close() {
      stopListening();
      await stop();
      port = null;
    },
  };
}

function reasonFor(isOn: boolean, host: string, problem: string | null): string | null {
  if (!isOn) return "Looking for others is off. Switch it on: mlx-manager config set discoverPeers true";
  if (problem !== null) return problem;
  if (!isLoopback(host)) return null;
  return "This service listens on this machine only. Set MLX_MANAGER_HOST and MLX_MANAGER_API_KEY and start it again.";
}
