import { existsSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";
import v8 from "node:v8";

/*
 * The entry of every process of ours. First statement: on Node 24 and later the Maglev compiler computes wrong floats
 * (docs/decisions), so it goes off before any other module is loaded. Hence no static import of ours here.
 */
const [major = 0, minor = 0, patch = 0] = process.versions.node.split(".").map(Number);
if (major >= 24) v8.setFlagsFromString("--no-maglev");

// better-sqlite3 ends an older Node by a signal, without a word: say it first.
if (major < 22 || (major === 22 && (minor < 22 || (minor === 22 && patch < 2)))) {
  process.stderr.write(
    `MLX Manager needs Node 22.22.2 or newer; this is ${process.versions.node}. Start it by the command mlx-manager.\n`,
  );
  process.exitCode = 1;
} else {
  // What V8 has compiled is kept for the next start. Only in a folder that is there already: whoever makes it says who may
  // read it. One that cannot be written is no reason not to start.
  const home = process.env["MLX_MANAGER_HOME"] || join(homedir(), ".mlx-manager");
  if (existsSync(home)) enableCompileCache(join(home, "cache", "code"));
  const { runCommandLine } = await import("./run.ts");
  process.exitCode = await runCommandLine(process.argv.slice(2), process.env);
  // Keep-alive sockets of finished requests must not hold the terminal; output that waits is written first.
  process.stdout.write("", () => process.stderr.write("", () => process.exit()));
}
