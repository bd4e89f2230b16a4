// `npm run bench -- [names]`: every benchmark, or the named ones, with their peers in one interleaved run.
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = dirname(fileURLToPath(import.meta.url));
const known = readdirSync(folder)
  .filter((name) => name.endsWith(".bench.ts"))
  .map((name) => name.replace(".bench.ts", ""));
const names = process.argv.slice(2).length > 0 ? process.argv.slice(2) : known;
const unknown = names.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`Unknown benchmark ${unknown.join(", ")}. Known: ${known.join(", ")}.`);
  process.exitCode = 2;
} else {
  for (const name of names) {
    console.log(`\n== ${name}`);
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", join(folder, `${name}.bench.ts`)], {
      stdio: "inherit",
    });
    const code = await new Promise((resolve) =>
      child.on("close", (exit, signal) => resolve(signal === null ? exit : 1)),
    );
    if (code !== 0) process.exitCode = 1;
  }
}
