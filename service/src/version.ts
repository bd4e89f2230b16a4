import { readFileSync } from "node:fs";
import { join } from "node:path";
import { findPlace } from "./platform/place.ts";

/** The package's version, as its package.json says. */
export function readVersion(): string {
  const text = readFileSync(join(findPlace().packageRoot, "package.json"), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
