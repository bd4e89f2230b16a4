import { createServer } from "node:net";
import { AppError } from "../../platform/errors.ts";

/** Where mlx.launch begins by itself. */
const usualPort = 32_323;
const attempts = 40;

/**
 * The first of so many free ports in a row on this machine: two clusters must not meet, and one that just ended may
 * still hold its own.
 * @throws AppError `engine_failed` when there are none.
 */
export async function findFreePorts(count: number): Promise<number> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const first = usualPort + attempt * Math.max(count, 8);
    const ports = Array.from({ length: count }, (_, index) => first + index);
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return first;
  }
  throw new AppError("engine_failed", `There are no ${count} free ports in a row from ${usualPort} on for a cluster.`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "0.0.0.0", exclusive: true }, () => server.close(() => resolve(true)));
  });
}
