import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";

/**
 * The keys that an official client's types declare for a request: those of the interface `<name>Base` and of its forms with
 * and without a stream. Read from the installed package, so that a key which is new there is found here.
 * @param path below `node_modules`.
 */
export function declaredKeys(path: string, name: string): string[] {
  const file = fileURLToPath(new URL(`../../node_modules/${path}`, import.meta.url));
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest);
  const wanted = [`${name}Base`, `${name}NonStreaming`, `${name}Streaming`];
  const found = source.statements.filter(ts.isInterfaceDeclaration).filter((each) => wanted.includes(each.name.text));
  if (found.length !== wanted.length) throw new Error(`${path} does not declare ${wanted.join(", ")}`);
  const members = found.flatMap((each) => [...each.members]);
  const keys = members.flatMap((member) => (member.name && ts.isIdentifier(member.name) ? [member.name.text] : []));
  return [...new Set(keys)].sort();
}
