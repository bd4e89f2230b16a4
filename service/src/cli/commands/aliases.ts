import type { Command } from "commander";
import type { Alias } from "../../contract/aliases.ts";
import { unknown } from "../format/size.ts";
import { printTable } from "../format/table.ts";
import type { Runtime } from "../runtime.ts";

export function addAliases(program: Command, runtime: Runtime): void {
  const { terminal, isJson, client } = runtime;
  const aliases = program.command("aliases").description("other names for models and profiles, and patterns of names");
  aliases
    .command("list", { isDefault: true })
    .description("list them with what answers, the most specific first")
    .action(() => listAliases(runtime));
  aliases
    .command("set")
    .description("let a name, or every name that fits a pattern such as 'claude-*', mean a model")
    .argument("<name>", "a name; * stands for any text, and the shell wants quotes around it")
    .argument("<target>", "a profile, a model, or model@revision")
    .action(async (name: string, target: string) => {
      const alias = await client().call("setAlias", { params: { name: [name] }, body: { target } });
      if (isJson()) return terminal.json(alias);
      terminal.line(`${name} means ${target}.`);
      if (alias.model === null) terminal.note(`${target} is not here: until it is, ${name} is refused.`);
    });
  aliases
    .command("unset")
    .description("remove a name or pattern")
    .argument("<name>", "as it is listed")
    .action(async (name: string) => {
      const alias = await client().call("removeAlias", { params: { name: [name] } });
      if (isJson()) terminal.json(alias);
      else terminal.line(`${name} means nothing any more.`);
    });
}

async function listAliases({ terminal, isJson, client }: Runtime): Promise<void> {
  const list = await client().call("listAliases", {});
  if (isJson()) return terminal.json(list);
  if (list.items.length === 0) {
    return terminal.note("There is no alias. Set one: mlx-manager aliases set 'claude-*' <model>");
  }
  printTable<Alias>(
    terminal,
    [
      { title: "NAME", value: ({ name }) => name },
      { title: "MEANS", value: ({ target }) => target, shrinks: true },
      { title: "MODEL", value: ({ model }) => model ?? unknown },
    ],
    list.items,
  );
}
