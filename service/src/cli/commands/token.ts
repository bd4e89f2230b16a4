import type { Command } from "commander";
import type { HubToken } from "../../contract/hub-token.ts";
import { usageError } from "../command-error.ts";
import { visible } from "../format/visible.ts";
import { readAll, readSecret } from "../read-input.ts";
import type { Runtime } from "../runtime.ts";

export function addToken(program: Command, runtime: Runtime): void {
  const { terminal, isJson, client } = runtime;
  const token = program.command("token").description("the Hugging Face token, for gated and private models");
  token
    .command("status", { isDefault: true })
    .description("say whose token is in use and where it comes from; never shows it")
    .allowExcessArguments()
    .action(async (_options: object, command: Command) => {
      refuseArguments(command);
      const state = await client().call("getHubToken", {});
      if (isJson()) return terminal.json(state);
      terminal.line(stateText(state));
      tellProblem(runtime, state);
    });
  token
    .command("set")
    .description("check a token with the Hub and store it, read without showing it, also from a pipe")
    .allowExcessArguments()
    .action(async (_options: object, command: Command) => {
      refuseArguments(command);
      const state = await client().call("setHubToken", { body: { token: await readToken(runtime) } });
      if (isJson()) return terminal.json(state);
      terminal.line(state.name === null ? "Stored the token." : `Stored the token of ${visible(state.name)}.`);
      tellProblem(runtime, state);
    });
  token
    .command("remove")
    .description("forget the stored token")
    .action(async () => {
      const state = await client().call("deleteHubToken", {});
      if (isJson()) return terminal.json(state);
      terminal.line("Forgot the stored token.");
      if (state.source !== null) terminal.note(`Still in use: ${stateText(state)}`);
    });
}

const places = {
  environment: "from HF_TOKEN",
  stored: "stored by MLX Manager",
  file: "from the file of `hf auth login`",
} as const;

function stateText({ source, name }: HubToken): string {
  if (source === null) return "No token. Public models need none; for others: mlx-manager token set";
  return `${name === null ? "A token" : `The token of ${visible(name)}`}, ${places[source]}.`;
}

function tellProblem({ terminal }: Runtime, { problem }: HubToken): void {
  if (problem !== null) terminal.note(problem.message);
}

/** Arguments are seen by every program of the machine and kept by the shell; commander's own message would repeat it. */
function refuseArguments({ args }: Command): void {
  if (args.length === 0) return;
  throw usageError("A token is never an argument, where others see it. Type it or pipe it: mlx-manager token set");
}

async function readToken({ terminal }: Runtime): Promise<string> {
  const text = terminal.isInteractive
    ? await readSecret(terminal, "Hugging Face token (https://huggingface.co/settings/tokens): ")
    : await readAll(terminal.input);
  const token = text.trim();
  if (/^[\x21-\x7e]{1,2048}$/.test(token)) return token;
  throw usageError("That is no token: 1 to 2048 visible ASCII characters without spaces.");
}
