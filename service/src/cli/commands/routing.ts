import type { Command } from "commander";
import { Option } from "commander";
import { RoutingReason } from "../../contract/routing.ts";
import type { RoutingQuestion, RoutingRule, RoutingStep, RoutingTest } from "../../contract/routing.ts";
import { notFoundError } from "../command-error.ts";
import { exitCodes } from "../exit-codes.ts";
import { printTable } from "../format/table.ts";
import { wholeNumber } from "../option-values.ts";
import type { Runtime } from "../runtime.ts";

interface AddOptions {
  readonly when: RoutingReason;
  readonly to: string;
  readonly model: readonly string[];
}

interface TestOptions {
  readonly promptTokens?: number;
  readonly prompt?: string;
  readonly images?: number;
  readonly session?: string;
}

export function addRouting(program: Command, runtime: Runtime): void {
  const routing = program.command("routing").description("what another service answers when a model here cannot");
  routing
    .command("list", { isDefault: true })
    .description("list the rules in their order")
    .action(async () => listRules(runtime, await rulesOf(runtime)));
  routing
    .command("add")
    .description("add a rule behind the others")
    .addOption(new Option("--when <trouble>", "what it is for").choices(RoutingReason.options).makeOptionMandatory())
    .requiredOption("--to <profile>", "the remote profile that answers")
    .option("--model <name>", "only for this name, model or pattern; may be given again", collect, [])
    .action(async ({ when, to, model }: AddOptions) => {
      const rule = { when, to, ...(model.length === 0 ? {} : { models: [...model] }) };
      await saveRules(runtime, [...(await rulesOf(runtime)), rule]);
    });
  routing
    .command("remove")
    .description("remove a rule")
    .argument("<number>", "as it is listed", wholeNumber(1, 50))
    .action(async (number: number) => {
      const rules = await rulesOf(runtime);
      if (number > rules.length) throw notFoundError(`There is no rule ${number}. See: mlx-manager routing`);
      await saveRules(runtime, rules.toSpliced(number - 1, 1));
    });
  routing
    .command("test")
    .description("explain who would answer a request; runs nothing")
    .argument("[model]", "the name as a client writes it; none: the default")
    .option("--prompt-tokens <number>", "how long the prompt is", wholeNumber(0, 100_000_000))
    .option("--prompt <text>", "a prompt, to be counted")
    .option("--images <number>", "how many images it holds", wholeNumber(0, 100))
    .option("--session <id>", "the conversation, as `requests --by session` shows it")
    .action((model: string | undefined, options: TestOptions) => testRouting(runtime, model ?? null, options));
}

async function rulesOf({ client }: Runtime): Promise<RoutingRule[]> {
  return (await client().call("getSettings", {})).routingRules.value;
}

async function saveRules(runtime: Runtime, rules: RoutingRule[]): Promise<void> {
  const { routingRules } = await runtime.client().call("updateSettings", { body: { routingRules: rules } });
  listRules(runtime, routingRules.value);
}

function listRules({ terminal, isJson }: Runtime, rules: readonly RoutingRule[]): void {
  if (isJson()) return terminal.json(rules);
  if (rules.length === 0) return terminal.note("There is no rule: what a model here cannot answer is refused.");
  printTable<RoutingRule>(
    terminal,
    [
      { title: "RULE", value: (rule) => String(rules.indexOf(rule) + 1), align: "right" },
      { title: "WHEN", value: ({ when }) => when },
      { title: "MODELS", value: ({ models }) => models?.join(", ") ?? "all", shrinks: true },
      { title: "TO", value: ({ to }) => to },
    ],
    rules,
  );
}

async function testRouting(runtime: Runtime, model: string | null, options: TestOptions): Promise<void> {
  const { terminal, isJson, client, exitWith } = runtime;
  const { promptTokens, prompt = "", images = 0, session = null } = options;
  const body: RoutingQuestion = {
    ...{ model, prompt, images, session },
    ...(promptTokens === undefined ? {} : { promptTokens }),
  };
  const result: RoutingTest = await client().call("testRouting", { body });
  if (result.answer === null) exitWith(exitCodes.failed);
  if (isJson()) return terminal.json(result);
  printTable<RoutingStep>(
    terminal,
    [
      { title: "STEP", value: ({ step }) => step },
      { title: "RESULT", value: ({ result: found }) => found },
      { title: "WHY", value: ({ text }) => text, shrinks: true },
    ],
    result.steps,
  );
  const { answer, error, headers } = result;
  if (answer === null) return terminal.line(`Refused: ${error?.message ?? ""}`);
  const why = answer.route === null ? "" : `, because of ${answer.route}`;
  terminal.line(`${answer.name} (${answer.kind}) answers${why}.`);
  for (const [name, value] of Object.entries(headers)) terminal.line(`${name}: ${value}`);
}

function collect(value: string, values: readonly string[]): readonly string[] {
  return [...values, value];
}
