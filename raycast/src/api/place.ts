import { homedir } from "node:os";
import { join } from "node:path";

/** The user's home. The variable first: Node's own answer ignores what the program changed in its environment. */
export function homeFolder(): string {
  return process.env["HOME"] || homedir();
}

/** The service's data directory. */
export function dataFolder(): string {
  return process.env["MLX_MANAGER_HOME"] || join(homeFolder(), ".mlx-manager");
}
