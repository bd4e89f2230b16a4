import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach } from "@jest/globals";

/** A folder of its own for each test of the file or block, removed after it. `in("a", "b")` gives a path inside. */
export function temporaryFolder(): { in: (...names: string[]) => string } {
  let folder = "";
  beforeEach(() => void (folder = mkdtempSync(path.join(tmpdir(), "mlx-manager-test-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  return { in: (...names) => path.join(folder, ...names) };
}
