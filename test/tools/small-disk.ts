/** A real disk of a few megabytes, to be filled up. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface SmallDisk {
  /** Where a program started by `command` finds the disk. */
  readonly path: string;
  /** How to start a program so that it sees the disk. */
  command(program: string, options: readonly string[]): [program: string, options: string[]];
  /** The same folder as this process reaches it, given a running program that was started by `command`. */
  seenThrough(processId: number): string;
  remove(): void;
}

/**
 * Linux as root: a mounted tmpfs. Linux as anybody else: a tmpfs that exists inside the program's own user and mount
 * namespace. macOS: an attached image. Throws where none of these works: a test must not pass without its disk.
 */
export function openSmallDisk(bytes: number): SmallDisk {
  const path = mkdtempSync(join(tmpdir(), "mlx-manager-disk-"));
  const plain: SmallDisk["command"] = (program, options) => [program, [...options]];
  if (process.platform === "darwin") {
    const image = `${path}.dmg`;
    const sectors = String(Math.ceil(bytes / 512));
    execFileSync("hdiutil", ["create", "-sectors", sectors, "-fs", "HFS+", "-volname", "small", image]);
    execFileSync("hdiutil", ["attach", "-nobrowse", "-mountpoint", path, image]);
    const remove = () => {
      execFileSync("hdiutil", ["detach", "-force", path]);
      rmSync(image, { force: true });
      rmSync(path, { recursive: true, force: true });
    };
    return { path, command: plain, seenThrough: () => path, remove };
  }
  if (process.getuid?.() === 0) {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", path]);
    const remove = () => {
      execFileSync("umount", ["-l", path]);
      rmSync(path, { recursive: true, force: true });
    };
    return { path, command: plain, seenThrough: () => path, remove };
  }
  const script = `mount -t tmpfs -o size=${bytes} tmpfs "$0" && exec "$@"`;
  return {
    path,
    command: (program, options) => ["unshare", ["-Urm", "sh", "-c", script, path, program, ...options]],
    seenThrough: (processId) => `/proc/${processId}/root${path}`,
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}
