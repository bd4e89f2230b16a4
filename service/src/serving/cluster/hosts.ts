import type { ClusterHost, ProfileCluster } from "../../contract/profile-kinds.ts";

const loopback = new Set(["127.0.0.1", "::1", "localhost"]);

/** Whether a rank there runs on this machine: mlx.launch needs no ssh for it. */
export function isThisMachine({ host }: Pick<ClusterHost, "host">): boolean {
  return loopback.has(host);
}

/** The address of this machine where every rank brings its control stream. */
export function controlAddress({ hosts }: ProfileCluster): string {
  return hosts.every(isThisMachine) ? "127.0.0.1" : (hosts[0]?.ips[0] ?? "127.0.0.1");
}

/** The hostfile of mlx.launch. It takes only this one spelling of the machine it runs on for local. */
export function hostfileOf({ backend, hosts }: ProfileCluster): string {
  return JSON.stringify({
    backend,
    envs: [],
    hosts: hosts.map((host) => ({
      ssh: isThisMachine(host) ? "127.0.0.1" : host.host,
      ips: host.ips,
      rdma: host.rdma ?? [],
    })),
  });
}

/** How many ports the ranks take among each other, counted up from the first. */
export function portsNeeded({ backend, hosts }: ProfileCluster): number {
  return backend === "ring" ? hosts.reduce((sum, { ips }) => sum + ips.length, 0) : 1;
}

/** A rank as people are told of it. */
export function rankName(rank: number, { hosts }: ProfileCluster): string {
  return `rank ${rank} on ${hosts[rank]?.host ?? "an unknown host"}`;
}

/**
 * What is wrong with a host list, the next step with it; null: nothing.
 * JACCL's own rules are those of mlx.launch, said before it starts.
 */
export function wrongHosts({ backend, hosts }: ProfileCluster): string | null {
  const [first] = hosts;
  if (first === undefined || !isThisMachine(first))
    return "The first host of a cluster is this machine: write 127.0.0.1 there, and its address among its ips.";
  const remote = hosts.filter((host) => !isThisMachine(host));
  if (remote.length > 0 && first.ips.every((ip) => loopback.has(ip)))
    return "The first host needs an address among its ips that the other hosts reach, not the loopback.";
  const names = remote.map(({ host }) => host);
  if (new Set(names).size < names.length) return "A host is named twice. Another machine takes one rank.";
  if (backend === "ring") return null;
  const size = hosts.length;
  for (const [rank, { rdma = [], host }] of hosts.entries()) {
    if (rdma.length !== size) return `JACCL needs one rdma entry for each rank; ${host} has ${rdma.length} of ${size}.`;
    if (rdma[rank] !== null) return `The rdma entry of ${host} for itself must be null.`;
    const peers = backend === "jaccl" ? [...hosts.keys()] : [(rank + size - 1) % size, (rank + 1) % size];
    if (peers.some((peer) => peer !== rank && rdma[peer] === null))
      return `JACCL needs the device of ${host} towards each of its peers.`;
  }
  return null;
}
