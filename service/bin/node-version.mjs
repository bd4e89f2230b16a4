/**
 * Which versions of Node run this program.
 * 22.22.2 is the floor of our dependencies. 24 and later can compute wrong numbers with the Maglev compiler on
 * (values returned by separate calls share one field), so they are the second choice and run without it.
 */
export const requiredNode = "22.22.2 or a later 22";

/** "v22.23.3" → {major, minor, patch, text}; null for anything else. */
export function parseVersion(text) {
  const match = /^v?(\d+)\.(\d+)\.(\d+)$/.exec(String(text).trim());
  if (match === null) return null;
  const [major, minor, patch] = match.slice(1).map(Number);
  return { major, minor, patch, text: `${major}.${minor}.${patch}` };
}

/** True for the line we develop and test on. */
export function isFit(version) {
  return version.major === 22 && (version.minor > 22 || (version.minor === 22 && version.patch >= 2));
}

/** True for a line that works without Maglev; 23 never had a long life and is left out. */
export function isSecondChoice(version) {
  return version.major >= 24;
}

/** The flags a Node of this version must be started with. */
export function requiredFlags(version) {
  return isSecondChoice(version) ? ["--no-maglev"] : [];
}

/**
 * Flags of a Node that runs the program for long, wherever it can be given any: a nursery of 4 MB in place of 16 keeps 25 MB
 * less under load, and the rate is the same. V8 reads it before any program of ours, so it stands in the first line of
 * `mlx-manager.mjs` and in the start script too.
 */
export const sparingFlags = ["--max-semi-space-size=4"];

/** Newest first. */
export function compareNewestFirst(left, right) {
  return right.major - left.major || right.minor - left.minor || right.patch - left.patch;
}
