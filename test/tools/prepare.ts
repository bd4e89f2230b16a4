// Run once by the test runner before Jest: what tests share on this machine and what takes long to get.
import { codingAgents } from "./coding-agents.ts";
import { sharedEnginesPath, sharedUv } from "./engine-environment.ts";
import { pythonClients, pythonEnvironment } from "./python-environment.ts";

// Waiting for another run that installs the same is no reason for a process to stay alive; this is.
const alive = setInterval(() => undefined, 1000);
await sharedEnginesPath();
await sharedUv();
await pythonEnvironment();
await pythonClients();
await codingAgents();
clearInterval(alive);
