/** The part of multicast-dns that we use; the package brings no types. */
declare module "multicast-dns" {
  import type { EventEmitter } from "node:events";
  import type { RemoteInfo } from "node:dgram";

  export interface DnsRecord {
    readonly name: string;
    readonly type: string;
    readonly ttl?: number;
    /** Tells others to drop what they knew under this name. */
    readonly flush?: boolean;
    /** By type: a name (PTR), an address (A, AAAA), texts (TXT), a place (SRV). From the network it may be anything. */
    readonly data: unknown;
  }

  export interface DnsPacket {
    readonly questions?: readonly { readonly name: string; readonly type: string }[];
    readonly answers?: readonly DnsRecord[];
    readonly additionals?: readonly DnsRecord[];
  }

  export interface MulticastDns extends EventEmitter<{
    query: [packet: DnsPacket, from: RemoteInfo];
    response: [packet: DnsPacket, from: RemoteInfo];
    error: [error: Error];
    warning: [error: Error];
    ready: [];
  }> {
    query(packet: DnsPacket, sent?: (error?: Error | null) => void): void;
    respond(packet: DnsPacket, sent?: (error?: Error | null) => void): void;
    destroy(closed?: () => void): void;
  }

  export interface MulticastDnsOptions {
    readonly interface?: string;
    readonly bind?: string;
    readonly port?: number;
  }

  export default function multicastDns(options?: MulticastDnsOptions): MulticastDns;
}
