import { join } from "node:path";

/**
 * The two Jest runs and what each is called with. Patterns narrow both: Jest joins several of them by "or", so a run is
 * kept to its half of the tests by what it leaves out.
 * @param {string} root the checkout
 * @param {readonly string[]} patterns of paths; none: every test
 * @returns {{ name: string, parameters: string[] }[]}
 */
export function jestRuns(root, patterns) {
  const tests = `^${join(root, "test/").replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")}`;
  const filters = patterns.length > 0 ? ["--testPathPatterns", ...patterns] : [];
  return [
    { name: "parts", parameters: ["--maxWorkers=2", "--testPathIgnorePatterns", `${tests}e2e/`, ...filters] },
    { name: "e2e", parameters: ["--runInBand", "--testPathIgnorePatterns", `${tests}(?!e2e/)`, ...filters] },
  ];
}
