import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Whether the file system of the temporary folder takes two names for one: macOS does, for case and Unicode forms. */
export function foldsNames(one: string, other: string): boolean {
  const folder = mkdtempSync(join(tmpdir(), "mlx-manager-names-"));
  try {
    for (const name of [one, other]) writeFileSync(join(folder, name), name);
    return readdirSync(folder).length < 2;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
