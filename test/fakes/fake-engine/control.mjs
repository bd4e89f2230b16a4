import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { Socket, connect } from "node:net";
import { createInterface } from "node:readline";

/**
 * The engine's end of the control stream: NDJSON on descriptor 3, or for a rank of a cluster on a connection to `address`
 * that it proves itself on. Its end kills this process and its group.
 */
export function openControl({ onStop, address }) {
  const socket = address === undefined ? new Socket({ fd: 3, readable: true, writable: true }) : joined(address);
  socket.on("error", killOwnGroup);
  socket.on("close", killOwnGroup);
  createInterface({ input: socket }).on("line", (line) => {
    const message = JSON.parse(line);
    if (message.type === "stop") onStop();
    if (message.type === "challenge") prove(message.nonce);
  });

  // A rank says nothing before it has joined.
  const isJoined = Promise.withResolvers();
  if (address === undefined) isJoined.resolve();
  const write = (type, fields) =>
    new Promise((resolve) => socket.write(`${JSON.stringify({ type, ...fields })}\n`, resolve));
  return {
    send: (type, fields) => isJoined.promise.then(() => write(type, fields)),
    fatal: (code, message) =>
      isJoined.promise.then(() => write("fatal", { code, message, traceback: `RuntimeError: ${message}\n` })),
  };

  function prove(nonce) {
    const rank = Number(process.env.MLX_RANK);
    const secret = readFileSync(0, "utf8").trim();
    void write("join", { rank, proof: createHmac("sha256", secret).update(`${nonce}:${rank}`).digest("hex") });
    isJoined.resolve();
  }
}

function joined(address) {
  const [host, port] = address.split(":");
  return connect(Number(port), host);
}

function killOwnGroup() {
  const group = Number(process.env.FAKE_CLUSTER_GROUP ?? process.pid);
  try {
    process.kill(-group, "SIGKILL");
  } catch (error) {
    // Not spawned detached, so not a group's leader: at least this process must not outlive its supervisor.
    if (error.code !== "ESRCH") throw error;
    process.kill(process.pid, "SIGKILL");
  }
}
