import { lstatSync, readdirSync } from "node:fs";
import type { Stats } from "node:fs";
import { join } from "node:path";
import { isAbsent } from "../json-file.ts";

export interface WalkedFile {
  /** Relative to the folder. */
  readonly path: string;
  readonly facts: Stats;
}

/** Every file and link below a folder, links not followed. What vanishes meanwhile is left out. */
export function walk(folder: string, below = ""): WalkedFile[] {
  const found: WalkedFile[] = [];
  for (const name of namesOf(join(folder, below))) {
    const path = below === "" ? name : `${below}/${name}`;
    const facts = lstatSync(join(folder, path), { throwIfNoEntry: false });
    if (facts === undefined) continue;
    if (facts.isDirectory()) found.push(...walk(folder, path));
    else found.push({ path, facts });
  }
  return found;
}

/** Names in a folder; none where there is no folder. */
export function namesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
}
