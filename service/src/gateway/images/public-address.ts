import { BlockList, isIP } from "node:net";
import { networkInterfaces } from "node:os";

/** Networks of IPv4 that are not the public internet (IANA's special-purpose registry). */
const specialIpv4 = [
  ...["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"],
  ...["192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24"],
  ...["203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"],
];
/** Of IPv6 only this is public, without what lies in it: forms that hold an IPv4 address, and documentation. */
const globalIpv6 = "2000::/3";
const specialIpv6 = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"];

const special = listOf([...specialIpv4, ...specialIpv6]);
const publicIpv6 = listOf([globalIpv6]);

/**
 * Whether an address is somebody else's on the public internet: not this machine, not its networks, none that routers
 * keep to themselves (loopback, link-local with the clouds' metadata, private, shared, multicast), and no IPv6 form
 * that hides an IPv4 address.
 */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 0) return false;
  if (family === 6 && !publicIpv6.check(address, "ipv6")) return false;
  const kind = family === 4 ? "ipv4" : "ipv6";
  // With IPv6 the machines of a home have public addresses too, and this one answers on its own.
  return !special.check(address, kind) && !listOf(ownNetworks()).check(address, kind);
}

/** Wider ones are no local network but a tunnel for everything; there the address alone is ours. */
const widestOwnNetwork = 8;

function ownNetworks(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
  return all.map(({ address, family, cidr }) => {
    const whole = `${address}/${family === "IPv4" ? 32 : 128}`;
    return cidr === null || Number(cidr.split("/")[1]) < widestOwnNetwork ? whole : cidr;
  });
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", prefix] = network.split("/");
    list.addSubnet(address, Number(prefix), isIP(address) === 4 ? "ipv4" : "ipv6");
  }
  return list;
}
