import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the extension under test, the one with the manifest. */
export const extensionFolder = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..", "raycast");
