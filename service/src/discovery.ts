import { chmodSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";

/** `run/service.json`: how programs on this machine find the running service. */
const Discovery = z.object({
  pid: z.int(),
  address: z.string(),
  version: z.string(),
  apiVersion: z.int(),
  startedAt: z.string(),
});
export type Discovery = z.infer<typeof Discovery>;

export function writeDiscovery(runPath: string, discovery: Discovery): void {
  const path = discoveryPath(runPath);
  const temporary = `${path}.${discovery.pid}`;
  writeFileSync(temporary, `${JSON.stringify(discovery, null, 2)}\n`, { mode: 0o600 });
  chmodSync(temporary, 0o600);
  renameSync(temporary, path);
}

/** Null when there is none, or it cannot be read as one. It may be stale: only the instance lock tells who lives. */
export function readDiscovery(runPath: string): Discovery | null {
  const path = discoveryPath(runPath);
  if (!existsSync(path)) return null;
  try {
    return Discovery.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return null;
    throw error;
  }
}

export function removeDiscovery(runPath: string): void {
  rmSync(discoveryPath(runPath), { force: true });
}

function discoveryPath(runPath: string): string {
  return join(runPath, "service.json");
}

/** Another service has the data directory; nothing of it was touched. */
export class AlreadyRunningError extends Error {
  override readonly name = "AlreadyRunningError";

  constructor(other: Discovery | null) {
    super(
      other === null
        ? "MLX Manager is already running on this data directory."
        : `MLX Manager is already running: process ${other.pid} at ${other.address}.`,
    );
  }
}
