import type { Command } from "commander";
import type { ApiKey } from "../../contract/keys.ts";
import { Option } from "commander";
import { KeyScope } from "../../contract/keys.ts";
import { notFoundError } from "../command-error.ts";
import { unknown } from "../format/size.ts";
import { printTable } from "../format/table.ts";
import { wholeNumber } from "../option-values.ts";
import type { Runtime } from "../runtime.ts";

interface CreateOptions {
  readonly scope: KeyScope;
  readonly model: readonly string[];
  readonly perMinute?: number;
}

export function addKeys(program: Command, runtime: Runtime): void {
  const { terminal, isJson, client } = runtime;
  const keys = program.command("keys").description("API keys of the service, by name");
  keys
    .command("list", { isDefault: true })
    .description("list the keys; none of them can be shown again")
    .option("-a, --all", "revoked ones too")
    .action(({ all }: { all?: boolean }) => listKeys(runtime, all === true));
  keys
    .command("create")
    .description("make a key and show it this once; the first one locks the service")
    .argument("<name>", "what it is called here")
    .addOption(new Option("--scope <scope>", "what it opens").choices(KeyScope.options).default("inference"))
    .option("--model <name>", "only this model or profile; may be given again", collect, [])
    .option("--per-minute <number>", "at most so many requests a minute", wholeNumber(1, 1_000_000))
    .action(async (name: string, { scope, model, perMinute }: CreateOptions) => {
      const models = model.length === 0 ? null : [...model];
      const created = await client().call("createKey", {
        body: { name, scope, models, requestsPerMinute: perMinute ?? null },
      });
      if (isJson()) return terminal.json(created);
      terminal.line(created.key);
      terminal.note(`Keep it now: it is not shown again. Take it back with: mlx-manager keys revoke ${name}`);
    });
  keys
    .command("revoke")
    .description("take a key back; its next request is refused")
    .argument("<name>", "name or id")
    .action(async (name: string) => {
      const { items } = await client().call("listKeys", {});
      const found = items.find((key) => key.name === name || key.id === name);
      if (!found) throw notFoundError(`There is no API key "${name}". See: mlx-manager keys`);
      const revoked = await client().call("revokeKey", { params: { id: found.id } });
      if (isJson()) return terminal.json(revoked);
      terminal.line(`Revoked ${revoked.name}.`);
      const { authRequired } = await client().call("getHealth", {});
      if (!authRequired) terminal.note("No key is left: this machine's programs need none now.");
    });
}

async function listKeys({ terminal, isJson, client }: Runtime, all: boolean): Promise<void> {
  const list = await client().call("listKeys", { query: { revoked: all } });
  if (isJson()) return terminal.json(list);
  if (list.items.length === 0) return terminal.note("There is no named key. Make one: mlx-manager keys create <name>");
  printTable<ApiKey>(
    terminal,
    [
      { title: "NAME", value: ({ name }) => name },
      { title: "SCOPE", value: ({ scope }) => scope },
      { title: "MODELS", value: ({ models }) => models?.join(", ") ?? "all", shrinks: true },
      { title: "PER MINUTE", value: ({ requestsPerMinute }) => String(requestsPerMinute ?? unknown), align: "right" },
      { title: "CREATED", value: ({ createdAt }) => createdAt.slice(0, 10) },
      { title: "LAST USED", value: ({ lastUsedAt }) => lastUsedAt?.slice(0, 16).replace("T", " ") ?? "never" },
      { title: "REVOKED", value: ({ revokedAt }) => revokedAt?.slice(0, 10) ?? unknown },
      { title: "ID", value: ({ id }) => id },
    ],
    list.items,
  );
}

function collect(value: string, values: readonly string[]): readonly string[] {
  return [...values, value];
}
