import { readdirSync } from "node:fs";
import { join } from "node:path";
import { sharedEnginesPath } from "./engine-environment.ts";

/** The Python of the pinned engine, and the folder of its packages. */
export async function enginePython(): Promise<{ readonly python: string; readonly sitePackages: string }> {
  const engine = join(await sharedEnginesPath(), "mlx-lm");
  const [environment] = readdirSync(engine, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  if (environment === undefined) throw new Error(`No environment in ${engine}.`);
  const folder = join(engine, environment.name);
  const [version] = readdirSync(join(folder, "lib")).filter((name) => name.startsWith("python"));
  if (version === undefined) throw new Error(`No Python in ${folder}.`);
  return { python: join(folder, "bin", "python3"), sitePackages: join(folder, "lib", version, "site-packages") };
}
