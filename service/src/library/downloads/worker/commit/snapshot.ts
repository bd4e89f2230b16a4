import { constants } from "node:fs";
import { copyFile, mkdir, rename, rm, stat, symlink } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { AppError, systemCode } from "../../../../platform/errors.ts";
import type { RepositoryLayout } from "../../layout.ts";
import type { PlannedFile } from "../../messages.ts";
import { fileSize, syncFolder } from "./files.ts";

export interface SnapshotPlan {
  readonly layout: RepositoryLayout;
  readonly downloadId: string;
  readonly commit: string;
  readonly files: readonly PlannedFile[];
  /** Blobs that this download brought: where links do not work they move into the snapshot instead of being copied. */
  readonly ours: ReadonlySet<string>;
}

/**
 * Builds the revision's folder aside and renames it in. Where another download or client has begun one, what it
 * lacks is added file by file, each by one rename.
 */
export async function placeSnapshot(plan: SnapshotPlan, hasLinks = canLink): Promise<void> {
  const { layout, downloadId, commit, files } = plan;
  const aside = layout.aside(downloadId, "snapshot");
  const target = join(layout.snapshots, commit);
  await rm(aside, { recursive: true, force: true });
  await mkdir(aside, { recursive: true });
  await mkdir(layout.snapshots, { recursive: true });
  const linking = await hasLinks(layout, downloadId);
  const folders = new Set<string>([""]);
  const missing: PlannedFile[] = [];
  for (const file of files) {
    const place = join(aside, file.path);
    // A name may begin with two dots; only the two alone lead upward.
    if (/^\.\.(\/|$)/.test(relative(aside, place))) throw new Error("A file name leaves its folder.");
    if (await isPlaced(plan, file, join(target, file.path), linking)) continue;
    missing.push(file);
    if (!folders.has(dirname(file.path))) await mkdir(dirname(place), { recursive: true });
    for (let folder = dirname(file.path); folder !== "."; folder = dirname(folder)) folders.add(folder);
    await putFile(plan, file, place, join(target, file.path), linking);
  }
  for (const folder of folders) if (linking) await syncFolder(join(aside, folder)).catch(ignoreMissing);
  await moveIn(missing, aside, target);
  await syncFolder(layout.snapshots);
}

/**
 * Whether the revision has the file already. With the right size it is right only if it is the very blob: a copy, or a
 * link to something else, may be what a repair is for. Where there is no blob, the copies have been checked instead.
 */
async function isPlaced(
  { layout, ours }: SnapshotPlan,
  { blobId, sizeBytes }: PlannedFile,
  place: string,
  linking: boolean,
): Promise<boolean> {
  if ((await fileSize(place)) !== sizeBytes) return false;
  if (!linking) return !ours.has(blobId);
  const [own, blob] = await Promise.all([place, layout.blob(blobId)].map((path) => stat(path).catch(ignoreMissing)));
  return !blob || (own?.ino === blob.ino && own.dev === blob.dev);
}

async function putFile(
  plan: SnapshotPlan,
  file: PlannedFile,
  place: string,
  end: string,
  linking: boolean,
): Promise<void> {
  const blob = plan.layout.blob(file.blobId);
  try {
    if (linking) return await symlink(relative(dirname(end), blob), place);
    const isLastUse = plan.files.findLast(({ blobId }) => blobId === file.blobId) === file;
    if (isLastUse && plan.ours.has(file.blobId)) return await rename(blob, place);
    await copyFile(blob, place, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw error;
    throw new AppError("unsupported", `This disk cannot tell ${file.path} from another file of the model.`, {
      cause: error,
      details: { path: file.path },
    });
  }
}

async function moveIn(files: readonly PlannedFile[], aside: string, target: string): Promise<void> {
  try {
    return await rename(aside, target);
  } catch (error) {
    if (!["ENOTEMPTY", "EEXIST", "EPERM"].includes(systemCode(error) ?? "")) throw error;
  }
  for (const { path } of files) {
    await mkdir(dirname(join(target, path)), { recursive: true });
    await rename(join(aside, path), join(target, path));
    await syncFolder(dirname(join(target, path)));
  }
  await rm(aside, { recursive: true, force: true });
}

/** Asked of this very disk: exFAT and some network disks have no symbolic links. */
async function canLink(layout: RepositoryLayout, downloadId: string): Promise<boolean> {
  const probe = layout.aside(downloadId, "link");
  await rm(probe, { force: true });
  try {
    await symlink("probe", probe);
    await rm(probe, { force: true });
    return true;
  } catch (error) {
    if (["EPERM", "ENOTSUP", "ENOSYS", "EOPNOTSUPP", "EACCES", "EINVAL"].includes(systemCode(error) ?? ""))
      return false;
    throw error;
  }
}

function ignoreMissing(error: unknown): void {
  if (systemCode(error) !== "ENOENT") throw error;
}
