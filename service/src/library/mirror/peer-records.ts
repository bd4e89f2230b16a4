import { isIPv6 } from "node:net";
import type { DnsPacket, DnsRecord } from "multicast-dns";
import * as z from "zod";

/** What a service says of itself on the local network: nothing that a key protects. */
export interface Announcement {
  /** Unique on the network. */
  readonly instance: string;
  /** Name of the machine, without `.local`. */
  readonly machine: string;
  readonly port: number;
  readonly addresses: readonly string[];
  readonly version: string;
  readonly apiVersion: number;
  readonly mirror: boolean;
}

/** What another service said, or that it goes (`address: null`). */
export interface PeerNews {
  readonly instance: string;
  readonly peer: {
    readonly name: string;
    readonly address: string;
    readonly version: string;
    readonly mirror: boolean;
  } | null;
}

export const serviceType = "_mlx-manager._tcp.local";
const directory = "_services._dns-sd._udp.local";
const lifeSeconds = 120;

/** All records of an announcement; with `seconds` 0 they say goodbye. */
export function recordsOf(own: Announcement, seconds = lifeSeconds): DnsRecord[] {
  const name = `${own.instance}.${serviceType}`;
  const host = `${own.machine}.local`;
  const texts = [`version=${own.version}`, `apiVersion=${own.apiVersion}`, `mirror=${own.mirror}`];
  return [
    { name: serviceType, type: "PTR", ttl: seconds, data: name },
    { name, type: "SRV", ttl: seconds, flush: true, data: { port: own.port, target: host } },
    { name, type: "TXT", ttl: seconds, flush: true, data: texts },
    // The machine's own responder says the same of its name; a goodbye must not take that back.
    ...(seconds === 0 ? [] : own.addresses).map((data) => ({
      ...{ name: host, type: isIPv6(data) ? "AAAA" : "A", ttl: seconds, data },
    })),
  ];
}

/** The answer to a question; null when it does not concern us. */
export function answerTo({ questions = [] }: DnsPacket, own: Announcement): DnsPacket | null {
  const records = recordsOf(own);
  const asks = (name: string, type: string) =>
    questions.some((one) => isSameName(one.name, name) && [type, "ANY"].includes(one.type));
  if (asks(serviceType, "PTR")) return { answers: records.slice(0, 1), additionals: records.slice(1) };
  if (asks(directory, "PTR"))
    return { answers: [{ name: directory, type: "PTR", ttl: lifeSeconds, data: serviceType }] };
  const answers = records.filter(({ name, type }) => asks(name, type));
  return answers.length === 0 ? null : { answers };
}

/** Reads a packet from the network: anybody may have sent it, so every part is checked. */
export function readNews({ answers = [], additionals = [] }: DnsPacket): PeerNews[] {
  const records = [...answers, ...additionals];
  return records.flatMap(({ name, type, data, ttl }): PeerNews[] => {
    if (type !== "PTR" || !isSameName(name, serviceType) || typeof data !== "string") return [];
    const instance = instanceOf(data);
    if (instance === null) return [];
    if (ttl === 0) return [{ instance, peer: null }];
    const own = records.filter((record) => isSameName(record.name, data));
    const peer = peerOf(own.find((one) => one.type === "SRV")?.data, own.find((one) => one.type === "TXT")?.data);
    return peer === null ? [] : [{ instance, peer }];
  });
}

const label = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
const placeSchema = z.object({
  port: z.int().min(1).max(65_535),
  target: z.string().regex(new RegExp(`^${label}\\.local$`)),
});
const textSchema = z.object({
  version: z.string().regex(/^\d{1,5}\.\d{1,5}\.\d{1,5}[\w.+-]{0,30}$/),
  mirror: z.enum(["true", "false"]),
});

/** The part before the service's type; null for a name that none of ours has. */
function instanceOf(name: string): string | null {
  const end = `.${serviceType}`;
  const instance = name.toLowerCase().endsWith(end) ? name.slice(0, -end.length).toLowerCase() : "";
  return new RegExp(`^${label}$`).test(instance) ? instance : null;
}

function peerOf(place: unknown, texts: unknown): PeerNews["peer"] {
  const where = placeSchema.safeParse(place);
  const what = textSchema.safeParse(fieldsOf(texts));
  if (!where.success || !what.success) return null;
  const { port, target } = where.data;
  const { version, mirror } = what.data;
  return {
    ...{ name: target.replace(/\.local$/, ""), address: `http://${target}:${port}` },
    ...{ version, mirror: mirror === "true" },
  };
}

function fieldsOf(texts: unknown): Record<string, string> {
  const lines = (Array.isArray(texts) ? texts : [texts]).map((text) =>
    Buffer.isBuffer(text) ? text.toString() : text,
  );
  return Object.fromEntries(
    lines.flatMap((line) => {
      const equals = typeof line === "string" ? line.indexOf("=") : -1;
      return equals < 1 ? [] : [[String(line).slice(0, equals), String(line).slice(equals + 1)]];
    }),
  );
}

function isSameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
