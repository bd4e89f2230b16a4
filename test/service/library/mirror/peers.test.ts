import { afterEach, describe, expect, test } from "@jest/globals";
import type { DnsPacket } from "multicast-dns";
import { machineName, openLocalNetwork } from "../../../../service/src/library/mirror/local-network.ts";
import type { LocalNetworkListener } from "../../../../service/src/library/mirror/local-network.ts";
import { answerTo, readNews, recordsOf, serviceType } from "../../../../service/src/library/mirror/peer-records.ts";
import { createPeers } from "../../../../service/src/library/mirror/peers.ts";
import type { Peers, PeersDependencies } from "../../../../service/src/library/mirror/peers.ts";
import { systemClock } from "../../../../service/src/platform/clock.ts";
import { handClock, recordedLog } from "../parts.ts";

const own = {
  ...{ instance: "mac-1", machine: "mac", port: 10242, addresses: ["192.168.1.5", "fd00::2"] },
  ...{ version: "0.1.0", apiVersion: 1, mirror: true },
};
const question = (name: string, type = "PTR"): DnsPacket => ({ questions: [{ name, type }] });

describe("records", () => {
  test("of one service are read by the other as they were meant", () => {
    const peer = { name: "mac", address: "http://mac.local:10242", version: "0.1.0", mirror: true };
    expect(readNews({ answers: recordsOf(own) })).toEqual([{ instance: "mac-1", peer }]);
    const answer = answerTo(question(serviceType), own);
    expect(readNews(answer ?? {})).toEqual([{ instance: "mac-1", peer }]);
    expect(readNews({ answers: recordsOf(own, 0) })).toEqual([{ instance: "mac-1", peer: null }]);
  });

  test("answer what concerns us and nothing else", () => {
    expect(answerTo(question("_services._dns-sd._udp.local"), own)?.answers).toEqual([
      expect.objectContaining({ type: "PTR", data: serviceType }),
    ]);
    expect(answerTo(question(`MAC-1.${serviceType}`, "SRV"), own)?.answers).toHaveLength(1);
    expect(answerTo(question("mac.local", "A"), own)?.answers).toEqual([
      expect.objectContaining({ type: "A", data: "192.168.1.5" }),
    ]);
    for (const name of ["_http._tcp.local", "other.local", ""]) expect(answerTo(question(name), own)).toBeNull();
    expect(answerTo({}, own)).toBeNull();
  });

  test("a goodbye leaves the machine's own name alone", () => {
    expect(recordsOf(own, 0).map(({ type, ttl }) => `${type} ${ttl}`)).toEqual(["PTR 0", "SRV 0", "TXT 0"]);
  });

  const news = (data: unknown, place: unknown, texts: unknown) =>
    readNews({
      answers: [
        { name: serviceType, type: "PTR", ttl: 120, data },
        { name: String(data), type: "SRV", ttl: 120, data: place },
        { name: String(data), type: "TXT", ttl: 120, data: texts },
      ],
    });
  const name = `a.${serviceType}`;
  const place = { port: 1, target: "a.local" };
  const texts = [Buffer.from("version=1.2.3"), Buffer.from("mirror=false"), Buffer.from("other=x")];

  test("that anybody may have sent are checked in every part", () => {
    expect(news(name, place, texts)).toHaveLength(1);
    for (const wrong of [5, null, "a", `a b.${serviceType}`, `a.b.${serviceType}`, `.${serviceType}`])
      expect([wrong, news(wrong, place, texts)]).toEqual([wrong, []]);
    for (const wrong of [
      ...[null, "a.local", { port: 0, target: "a.local" }, { port: 70_000, target: "a.local" }],
      ...[
        { port: 1, target: "evil.example" },
        { port: 1, target: "a.local/../x" },
        { port: 1, target: "-.local" },
      ],
    ])
      expect([wrong, news(name, wrong, texts)]).toEqual([wrong, []]);
    for (const wrong of [null, 5, [], ["version=<b>"], ["version=1.2.3", "mirror=maybe"], [Buffer.from("=x")]])
      expect([wrong, news(name, place, wrong)]).toEqual([wrong, []]);
  });
});

describe("services", () => {
  const running: Peers[] = [];
  afterEach(async () => void (await Promise.all(running.splice(0).map((peers) => peers.close()))));

  /** The real socket and library, on this machine's loopback and a port of the test: nothing leaves the machine. */
  const port = 20_000 + (process.pid % 20_000);
  const onLoopback = (listener: LocalNetworkListener) =>
    openLocalNetwork(listener, { interface: "127.0.0.1", bind: "0.0.0.0", port });

  function service(id: string, change: Partial<PeersDependencies> = {}) {
    const values = { discoverPeers: true, mirrorEnabled: false };
    const listeners = new Set<() => void>();
    const heard = new Set<() => void>();
    const peers = createPeers({
      ...{ offline: false, host: "192.168.1.5", version: "0.1.0", apiVersion: 1, clock: systemClock },
      settings: {
        values: () => values,
        onChange: (listener) => {
          listeners.add(listener);
          return () => listeners.delete(listener);
        },
      },
      ids: () => `peer_${id.repeat(8)}`,
      log: recordedLog().log,
      open: (listener) =>
        onLoopback({
          ...listener,
          answer(packet) {
            listener.answer(packet);
            for (const call of heard) call();
          },
        }),
      ...change,
    });
    running.push(peers);
    return {
      peers,
      set(next: Partial<typeof values>) {
        Object.assign(values, next);
        for (const listener of listeners) listener();
      },
      /** Resolves when what was heard makes it so. */
      until: (fits: () => boolean) =>
        new Promise<void>((resolve) => {
          const look = () => {
            if (!fits()) return;
            heard.delete(look);
            resolve();
          };
          heard.add(look);
          look();
        }),
    };
  }
  const shown = ({ peers }: { peers: Peers }) =>
    peers.list().items.map(({ address, mirror }) => `${address} ${mirror}`);

  test("find each other, not themselves, and learn what changes and who goes", async () => {
    const one = service("1");
    const two = service("2");
    one.peers.start(1001);
    two.peers.start(1002);
    const machine = machineName();
    await Promise.all([one.until(() => shown(one).length > 0), two.until(() => shown(two).length > 0)]);
    expect(shown(one)).toEqual([`http://${machine}.local:1002 false`]);
    expect(shown(two)).toEqual([`http://${machine}.local:1001 false`]);
    expect(one.peers.list()).toMatchObject({ announcing: true, reason: null, items: [{ version: "0.1.0" }] });
    one.set({ mirrorEnabled: true });
    await two.until(() => shown(two)[0]?.endsWith("true") === true);
    one.set({ discoverPeers: false });
    await two.until(() => shown(two).length === 0);
    expect(one.peers.list()).toMatchObject({ items: [], announcing: false, reason: expect.stringContaining("is off") });
  }, 120_000);

  test("that listen on their own machine only look, and say why nobody sees them", async () => {
    const hidden = service("3", { host: "127.0.0.1" });
    const open = service("4");
    hidden.peers.start(1003);
    open.peers.start(1004);
    await hidden.until(() => shown(hidden).length > 0);
    expect(hidden.peers.list()).toMatchObject({
      announcing: false,
      reason: expect.stringContaining("MLX_MANAGER_HOST"),
    });
    expect(open.peers.list().items).toEqual([]);
  }, 120_000);

  test("open no socket while that is off, or in offline mode", () => {
    const opened: string[] = [];
    const open = () => {
      opened.push("opened");
      throw new Error("It must stay closed.");
    };
    const off = service("5", {
      open,
      settings: { values: () => ({ discoverPeers: false, mirrorEnabled: true }), onChange: () => () => undefined },
    });
    off.peers.start(1005);
    const offline = service("6", { open, offline: true });
    offline.peers.start(1006);
    expect(opened).toEqual([]);
    expect(off.peers.list().reason).toContain("mlx-manager config set discoverPeers true");
    expect(() => offline.peers.list()).toThrow("Offline mode opens no connection to other machines.");
  });

  test("forget who has been silent for three minutes, and try again after a failure", async () => {
    const clock = handClock();
    let opened: LocalNetworkListener | null = null;
    let opens = 0;
    const said: string[] = [];
    const lone = service("7", {
      clock,
      open: (listener) => {
        opened = listener;
        opens += 1;
        return { send: () => void said.push("send"), ask: () => void said.push("ask"), close: () => Promise.resolve() };
      },
    });
    lone.peers.start(1007);
    const listener = opened as unknown as LocalNetworkListener;
    listener.answer({ answers: recordsOf(own) });
    expect(shown(lone)).toEqual(["http://mac.local:10242 true"]);
    const minute = (milliseconds: number) => milliseconds === 60_000;
    for (let turn = 0; turn < 3; turn += 1) await clock.pass(minute);
    expect(shown(lone)).toHaveLength(1);
    await clock.pass(minute);
    expect(shown(lone)).toEqual([]);
    for (let index = 0; index < 100; index += 1)
      listener.answer({ answers: recordsOf({ ...own, instance: `many-${index}` }) });
    expect(shown(lone)).toHaveLength(64);
    said.length = 0;
    listener.question(question(serviceType));
    listener.question(question(serviceType));
    expect(said).toEqual(["send"]);
    listener.failed(Object.assign(new Error("no"), { code: "EADDRINUSE" }));
    expect(lone.peers.list()).toMatchObject({ announcing: false, reason: expect.stringContaining("tried again") });
    await clock.pass(minute);
    expect(opens).toBe(2);
    expect(lone.peers.list()).toMatchObject({ announcing: true, reason: null });
  });
});
