// `npm run build`: the service's dist (what `npm pack` ships) and the extension's bundles into raycast/dist.
import { cpSync, rmSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const only = process.argv[2];

if (only !== "raycast") {
  const dist = join(root, "service", "dist");
  rmSync(dist, { recursive: true, force: true });
  run("types and JavaScript of the service", [
    join(root, "node_modules/.bin/tsc"),
    "-p",
    join(root, "service/tsconfig.build.json"),
  ]);
  cpSync(join(root, "service/src/platform/database/migrations"), join(dist, "platform/database/migrations"), {
    recursive: true,
  });
}
if (only !== "service") {
  const folder = join(root, "raycast");
  run(
    "bundles of the extension",
    [process.execPath, join(folder, "node_modules/.bin/ray"), "build", "-e", "dist", "-o", join(folder, "dist")],
    folder,
  );
}

function run(name, [file, ...words], cwd = root) {
  const started = Date.now();
  execFileSync(file, words, { cwd, stdio: ["ignore", "inherit", "inherit"] });
  console.log(`${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
}
