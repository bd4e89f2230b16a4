// An engine that outlives its supervisor: it takes no notice of the end of its control stream, nor of SIGTERM, and so
// stands for a launcher whose threads hang in a native call.
import { createServer } from "node:http";
import { Socket } from "node:net";

const control = new Socket({ fd: 3 });
control.on("error", () => undefined);
control.resume();
const send = (message) => control.write(`${JSON.stringify(message)}\n`);
process.on("SIGTERM", () => undefined);
setInterval(() => undefined, 1000);

const answer = JSON.stringify({ choices: [{ finish_reason: "length" }], usage: { completion_tokens: 1 } });
const server = createServer((_request, response) => response.end(answer));
server.listen(0, "127.0.0.1", () => {
  send({ type: "hello", protocol: 1, pid: process.pid, token: "a-token-that-is-long-enough" });
  send({ type: "listening", port: server.address().port });
  send({ type: "ready" });
});
