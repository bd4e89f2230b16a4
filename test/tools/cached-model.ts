import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const demoModel = fileURLToPath(new URL("../../service/demo-model/model", import.meta.url));

/**
 * Puts a model into a Hub cache, as a download leaves it: the demo model's files under another id. With `engine`, the
 * fake engine that serves it behaves by these flags (`fake-engine.json` in the snapshot); `config` changes its `config.json`.
 */
export async function writeCachedModel(
  cache: string,
  id: string,
  engine?: Readonly<Record<string, unknown>>,
  config?: Readonly<Record<string, unknown>>,
): Promise<void> {
  const commit = createHash("sha1").update(id).digest("hex");
  const repository = join(cache, `models--${id.replace("/", "--")}`);
  const snapshot = join(repository, "snapshots", commit);
  for (const folder of ["blobs", "refs", "snapshots"]) await mkdir(join(repository, folder), { recursive: true });
  await cp(demoModel, snapshot, { recursive: true });
  if (config) {
    const file = join(snapshot, "config.json");
    const own = JSON.parse(await readFile(file, "utf8")) as Record<string, unknown>;
    await writeFile(file, JSON.stringify({ ...own, ...config }));
  }
  if (engine) await writeFile(join(snapshot, "fake-engine.json"), JSON.stringify(engine));
  await writeFile(join(repository, "refs", "main"), commit);
}
