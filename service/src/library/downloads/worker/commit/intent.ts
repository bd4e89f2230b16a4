import { lstat, readFile, readdir, readlink, rename, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import * as z from "zod";
import { systemCode } from "../../../../platform/errors.ts";
import type { RepositoryLayout } from "../../layout.ts";

/**
 * What a commit brings into the repository, written before it begins. A commit that was broken off can then be gone on
 * with as the same commit, or taken back without a trace of what others own.
 */
export interface Intent {
  readonly commit: string;
  /** Blobs that this download moves in, not those that were there. */
  readonly blobs: readonly string[];
  readonly bringsSnapshot: boolean;
  readonly bringsListing: boolean;
}

const hex = /^([0-9a-f]{40}|[0-9a-f]{64})$/;
const intentSchema = z.object({
  commit: z.string().regex(/^[0-9a-f]{40}$/),
  blobs: z.array(z.string().regex(hex)),
  bringsSnapshot: z.boolean(),
  bringsListing: z.boolean(),
});

/** Null where no commit has begun. One that cannot be read was never finished, so nothing was moved by it. */
export async function readIntent(layout: RepositoryLayout, downloadId: string): Promise<Intent | null> {
  const text = await orNull(readFile(layout.intent(downloadId), "utf8"));
  if (text === null) return null;
  try {
    return intentSchema.parse(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return null;
    throw error;
  }
}

/** After a commit: what another download once began to bring of the same revision is now this one's. */
export async function takeOver(layout: RepositoryLayout, commit: string): Promise<void> {
  for (const name of (await orNull(readdir(layout.parts))) ?? []) {
    const downloadId = /^([\w-]{1,64})\.intent\.json$/.exec(name)?.[1];
    if (downloadId === undefined || (await readIntent(layout, downloadId))?.commit !== commit) continue;
    await rm(layout.intent(downloadId), { force: true });
  }
}

/**
 * Takes back what a commit brought that was broken off before the revision had its name: snapshot, listing, and the
 * blobs that no other snapshot uses. A revision that has a name is complete and stays.
 */
export async function withdraw(layout: RepositoryLayout, downloadId: string): Promise<void> {
  const intent = await readIntent(layout, downloadId);
  if (intent === null || (await isNamed(layout, intent.commit))) return;
  if (intent.bringsListing) await rm(join(layout.trees, `${intent.commit}.json`), { force: true });
  if (intent.bringsSnapshot) {
    const aside = layout.aside(downloadId, "snapshot");
    await rm(aside, { recursive: true, force: true });
    // Gone at once for whoever looks, not file by file.
    await orNull(rename(join(layout.snapshots, intent.commit), aside));
    await rm(aside, { recursive: true, force: true });
  }
  const used = new Set<string>();
  for await (const path of filesBelow(layout.snapshots)) {
    const target = await linkTarget(path);
    if (target !== null) used.add(basename(target));
  }
  for (const blobId of intent.blobs) {
    if (!used.has(blobId)) await rm(layout.blob(blobId), { force: true });
  }
}

async function isNamed(layout: RepositoryLayout, commit: string): Promise<boolean> {
  for await (const path of filesBelow(layout.refs)) if ((await orNull(readFile(path, "utf8"))) === commit) return true;
  return false;
}

async function* filesBelow(folder: string): AsyncGenerator<string> {
  for (const entry of (await orNull(readdir(folder, { withFileTypes: true }))) ?? []) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else yield path;
  }
}

async function linkTarget(path: string): Promise<string | null> {
  return (await orNull(lstat(path)))?.isSymbolicLink() ? await orNull(readlink(path)) : null;
}

async function orNull<Value>(promise: Promise<Value>): Promise<Value | null> {
  try {
    return await promise;
  } catch (error) {
    if (systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR") return null;
    throw error;
  }
}
