import type { Command } from "commander";
import { settingKeys } from "../../contract/settings.ts";
import type { SettingKey, Settings } from "../../contract/settings.ts";
import { storeKey } from "../api/stored-keys.ts";
import { CommandError, usageError } from "../command-error.ts";
import { printTable } from "../format/table.ts";
import { readAll, readSecret } from "../read-input.ts";
import type { Runtime } from "../runtime.ts";

export function addConfig(program: Command, runtime: Runtime): void {
  const { terminal, isJson, client } = runtime;
  const config = program.command("config").description("settings of the service, and this program's key");
  config
    .command("list", { isDefault: true })
    .description("list all settings with where they come from")
    .action(async () => listSettings(runtime, await client().call("getSettings", {})));
  config
    .command("get")
    .description("print one setting")
    .argument("<key>", "setting; aliases.<name> for one alias")
    .action(async (text: string) => {
      const { key, alias } = parseKey(text);
      const settings = await client().call("getSettings", {});
      if (alias === null) return isJson() ? terminal.json(settings[key]) : terminal.line(textOf(settings[key].value));
      const value = settings.aliases.value[alias];
      if (value === undefined) throw new CommandError("not_found", `There is no alias "${alias}".`);
      if (isJson()) terminal.json(value);
      else terminal.line(value);
    });
  config
    .command("set")
    .description("change a setting")
    .argument("<key>", "setting; aliases.<name> for one alias")
    .argument("<value>", "text, a number, or JSON")
    .action(async (text: string, value: string) => {
      const { key, alias } = parseKey(text);
      await change(runtime, key, alias === null ? parseValue(value) : { ...(await aliases(runtime)), [alias]: value });
    });
  config
    .command("unset")
    .description("take a setting back to its default")
    .argument("<key>", "setting; aliases.<name> for one alias")
    .action(async (text: string) => {
      const { key, alias } = parseKey(text);
      if (alias === null) return change(runtime, key, null);
      const { [alias]: _old, ...others } = await aliases(runtime);
      await change(runtime, key, others);
    });
  config
    .command("key")
    .description("store the key of the service for this account, read without showing it")
    .option("--remove", "forget it")
    .action((options: { remove?: boolean }) => keepKey(runtime, options.remove === true));
}

function listSettings({ terminal, isJson }: Runtime, settings: Settings): void {
  if (isJson()) return terminal.json(settings);
  printTable(
    terminal,
    [
      { title: "SETTING", value: (key: SettingKey) => key },
      { title: "VALUE", value: (key) => textOf(settings[key].value), shrinks: true },
      { title: "FROM", value: (key) => settings[key].variable ?? settings[key].source },
    ],
    settingKeys,
  );
}

async function change({ terminal, isJson, client }: Runtime, key: SettingKey, value: unknown): Promise<void> {
  const settings = await client().call("updateSettings", { body: { [key]: value } });
  if (isJson()) return terminal.json(settings);
  terminal.line(`${key} is ${textOf(settings[key].value)}.`);
}

async function aliases({ client }: Runtime): Promise<Readonly<Record<string, string>>> {
  return (await client().call("getSettings", {})).aliases.value;
}

/** AUTH-04: asked once, kept in `cli.json` (0600). Never an argument: those are seen by every program of the machine. */
async function keepKey({ terminal, isJson, home, connection }: Runtime, isRemoved: boolean): Promise<void> {
  const { address } = connection();
  if (isRemoved) storeKey(home(), address, null);
  else {
    const text = terminal.isInteractive
      ? await readSecret(terminal, `Key of ${address}: `)
      : await readAll(terminal.input);
    const key = text.trim();
    if (!/^[\x21-\x7e]{8,512}$/.test(key)) {
      throw usageError("That is no key: 8 to 512 visible ASCII characters without spaces.");
    }
    storeKey(home(), address, key);
  }
  if (isJson()) terminal.json({ address, stored: !isRemoved });
  else terminal.line(isRemoved ? `Forgot the key of ${address}.` : `Stored the key of ${address}.`);
}

function parseKey(text: string): { key: SettingKey; alias: string | null } {
  if (text.startsWith("aliases.") && text.length > "aliases.".length) {
    return { key: "aliases", alias: text.slice("aliases.".length) };
  }
  const key = settingKeys.find((known) => known === text);
  if (key === undefined) throw usageError(`There is no setting "${text}". See: mlx-manager config list`);
  return { key, alias: null };
}

/** Numbers and JSON as such, anything else is text: a model's id needs no quotes. */
function parseValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
