import { writeFileSync } from "node:fs";
import type { Command } from "commander";
import { ProfileExport } from "../../contract/profiles.ts";
import type { ProfilePreset } from "../../contract/profiles.ts";
import { usageError } from "../command-error.ts";
import { findProfile, nameOf } from "../find-profile.ts";
import { printTable } from "../format/table.ts";
import { kebab, readText } from "../profile-fields.ts";
import { readAll } from "../read-input.ts";
import type { Runtime } from "../runtime.ts";

/** `profiles export`, `import` and `presets`. */
export function addProfileFiles(profiles: Command, runtime: Runtime): void {
  const { terminal, isJson, client } = runtime;
  profiles
    .command("export")
    .description("write a profile as JSON, without secrets")
    .argument("<name>", "a profile or a model")
    .argument("[file]", "where to; standard output when left out")
    .action(async (name: string, file: string | undefined) => {
      const { id } = await findProfile(client(), name);
      const exported = await client().call("exportProfile", { params: { id } });
      if (file === undefined) return terminal.json(exported);
      writeNew(file, `${JSON.stringify(exported, null, 2)}\n`);
      terminal.note(`Written to ${file}.`);
    });
  profiles
    .command("import")
    .description("make a profile of such a file")
    .argument("<file>", "what `profiles export` wrote; - for standard input")
    .option("--slug <slug>", "in place of the short name in the file")
    .action(async (file: string, { slug }: { slug?: string }) => {
      const body = parse(file === "-" ? await readAll(terminal.input) : readText(file));
      const imported = await client().call("importProfile", { body, query: slug === undefined ? {} : { slug } });
      if (isJson()) return terminal.json(imported);
      terminal.line(`Created ${nameOf(imported)}.`);
    });
  profiles
    .command("presets")
    .description("list the presets for `create` and `edit`")
    .action(async () => {
      const { items } = await client().call("listPresets", {});
      if (isJson()) return terminal.json({ items });
      printTable<ProfilePreset>(
        terminal,
        [
          { title: "PRESET", value: ({ id }) => id },
          { title: "SETS", value: valuesOf, shrinks: true },
          { title: "FOR", value: ({ description }) => description, shrinks: true },
        ],
        items,
      );
    });
}

function valuesOf({ sampling, engineOptions, limits }: ProfilePreset): string {
  const values = Object.entries({ ...sampling, ...engineOptions, ...limits });
  return values.map(([key, value]) => `${kebab(key)} ${String(value)}`).join(", ");
}

function parse(content: string): ProfileExport {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (error) {
    throw usageError(`This is not JSON (${(error as Error).message}). Name a file that \`profiles export\` wrote.`);
  }
  const parsed = ProfileExport.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw usageError(`This is no exported profile: ${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}.`);
}

/** A file that is there is kept: nobody expects an export to take something away. */
function writeNew(path: string, content: string): void {
  try {
    writeFileSync(path, content, { flag: "wx" });
  } catch (error) {
    const reason = (error as { code?: string }).code;
    if (reason === "EEXIST") throw usageError(`${path} is there already. Name another file.`);
    throw usageError(`${path} cannot be written (${reason ?? "unknown"}). Name another file.`);
  }
}
