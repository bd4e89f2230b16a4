// Writes what is made from the contract: service/openapi.json and the extension's types. `--check` compares instead.
import { mkdirSync, readFileSync, existsSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The generated files by path from the root, as they should be. */
export async function generate() {
  const { createOpenApiDocument } = await import("../service/src/platform/http/openapi.ts");
  const { default: openapiTypescript, astToString } = await import("openapi-typescript");
  const { version } = JSON.parse(readFileSync(join(root, "service/package.json"), "utf8"));
  const document = JSON.parse(JSON.stringify(createOpenApiDocument(version)));
  const types = astToString(await openapiTypescript(structuredClone(document)));
  return {
    "service/openapi.json": `${JSON.stringify(document, null, 2)}\n`,
    "raycast/src/api/schema.d.ts": `// Generated from service/openapi.json by \`npm run generate\`. Do not edit.\n${types}`,
  };
}

/** Paths whose committed text differs from what the contract says. */
export async function findDrift() {
  const files = Object.entries(await generate());
  return files
    .filter(([path, text]) => !existsSync(join(root, path)) || readFileSync(join(root, path), "utf8") !== text)
    .map(([path]) => path);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes("--check")) {
    const drifted = await findDrift();
    if (drifted.length > 0) {
      console.error(`Out of step with the contract: ${drifted.join(", ")}. Run: npm run generate`);
      process.exitCode = 1;
    }
  } else {
    for (const [path, text] of Object.entries(await generate())) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
  }
}
