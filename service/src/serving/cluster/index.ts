export { controlAddress, hostfileOf, isThisMachine, portsNeeded, rankName, wrongHosts } from "./hosts.ts";
export { findFreePorts } from "./free-ports.ts";
export { createHostShell } from "./host-shell.ts";
export type { HostShell } from "./host-shell.ts";
