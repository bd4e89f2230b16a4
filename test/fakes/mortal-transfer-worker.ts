/** The transfer worker, which also ends at once when the test says so, as if it had run out of memory. */
import { BroadcastChannel } from "node:worker_threads";
import "../../service/src/library/downloads/worker/main.ts";

const channel = new BroadcastChannel("mortal-transfer-worker");
channel.onmessage = () => process.exit(1);
channel.unref();
