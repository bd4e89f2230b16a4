// Checks the directions of imports (.dependency-cruiser.cjs) and that as many modules were seen as there are files:
// with a compiler it does not understand, dependency-cruiser sees none and calls that clean.
import { globSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { cruise } from "dependency-cruiser";
import extractOptions from "dependency-cruiser/config-utl/extract-depcruise-options";
import extractTypeScript from "dependency-cruiser/config-utl/extract-ts-config";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);

/** @returns {Promise<{violations: string[], seen: number, expected: number}>} */
export async function checkImports() {
  const options = await extractOptions("./.dependency-cruiser.cjs");
  const { output } = await cruise(["service/src"], { ...options, ruleSet: options.ruleSet ?? undefined }, undefined, {
    tsConfig: extractTypeScript("./tsconfig.json"),
  });
  const files = globSync("service/src/**/*.ts");
  const seen = output.modules.filter(
    ({ source }) => source.startsWith("service/src/") && source.endsWith(".ts"),
  ).length;
  const violations = output.summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`);
  return { violations, seen, expected: files.length };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { violations, seen, expected } = await checkImports();
  for (const violation of violations) console.error(violation);
  if (seen !== expected) console.error(`Saw ${seen} modules of ${expected}.`);
  if (violations.length > 0 || seen !== expected) process.exitCode = 1;
  else console.log(`${seen} modules, no violation.`);
}
