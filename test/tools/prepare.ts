// Run once by the test runner before Jest: what tests share on this machine and what takes long to get.
import { sharedEnginesPath, sharedUv } from "./engine-environment.ts";
import { pythonEnvironment } from "./python-environment.ts";

await sharedEnginesPath();
await sharedUv();
await pythonEnvironment();
