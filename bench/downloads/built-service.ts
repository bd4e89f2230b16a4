import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The entry of the program as it is shipped, built from this checkout: without the cost of stripping types at the start. */
export function builtService(): string {
  execFileSync(process.execPath, [`${root}scripts/build.mjs`, "service"], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
  });
  return `${root}service/dist/main.js`;
}
