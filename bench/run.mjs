// `npm run bench -- [names] [flags]`: every benchmark, or the named ones, with their peers in one interleaved run. What
// comes from the first flag on goes to each of them.
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = dirname(fileURLToPath(import.meta.url));
const known = readdirSync(folder)
  .filter((name) => name.endsWith(".bench.ts"))
  .map((name) => name.replace(".bench.ts", ""));
const words = process.argv.slice(2);
const firstFlag = words.findIndex((word) => word.startsWith("-"));
const flags = firstFlag < 0 ? [] : words.slice(firstFlag);
const chosen = firstFlag < 0 ? words : words.slice(0, firstFlag);
const names = chosen.length > 0 ? chosen : known;
const unknown = names.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`Unknown benchmark ${unknown.join(", ")}. Known: ${known.join(", ")}.`);
  process.exitCode = 2;
} else {
  for (const name of names) {
    console.log(`\n== ${name}`);
    const program = ["--disable-warning=ExperimentalWarning", join(folder, `${name}.bench.ts`), ...flags];
    const child = spawn(process.execPath, program, { stdio: "inherit" });
    const code = await new Promise((resolve) =>
      child.on("close", (exit, signal) => resolve(signal === null ? exit : 1)),
    );
    if (code !== 0) process.exitCode = 1;
  }
}
