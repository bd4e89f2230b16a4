import { Socket } from "node:net";
import { createInterface } from "node:readline";

/** The engine's end of the control stream: NDJSON on descriptor 3. Its end kills this process and its group. */
export function openControl({ onStop }) {
  const socket = new Socket({ fd: 3, readable: true, writable: true });
  socket.on("error", killOwnGroup);
  socket.on("close", killOwnGroup);
  createInterface({ input: socket }).on("line", (line) => {
    if (JSON.parse(line).type === "stop") onStop();
  });

  const send = (type, fields) =>
    new Promise((resolve) => socket.write(`${JSON.stringify({ type, ...fields })}\n`, resolve));
  return {
    send,
    fatal: (code, message) => send("fatal", { code, message, traceback: `RuntimeError: ${message}\n` }),
  };
}

function killOwnGroup() {
  try {
    process.kill(-process.pid, "SIGKILL");
  } catch (error) {
    // Not spawned detached, so not a group's leader: at least this process must not outlive its supervisor.
    if (error.code !== "ESRCH") throw error;
    process.kill(process.pid, "SIGKILL");
  }
}
