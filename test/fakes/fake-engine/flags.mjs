import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";

// name: [kind, default]. Kinds follow the launcher's own arguments first, then the faults and the shape of answers.
const FLAGS = {
  model: ["text", "/models/fake"],
  host: ["text", "127.0.0.1"],
  portStart: ["number", 0],
  portCount: ["number", 200],
  options: ["text", "{}"],
  control: ["text", undefined], // a rank of a cluster: where it brings its control stream; MLX_RANK says which it is

  startDelayMs: ["number", 0], // time between listening and ready
  loadingSteps: ["number", 1], // progress messages spread over that time; 0 sends only the first
  neverReady: ["boolean", false], // says ready and answers /health, never a token
  hangAfter: ["number", undefined], // that many completions, then none, while /health stays fine
  crashAfterTokens: ["number", undefined], // SIGKILL to itself after so many tokens of one stream
  exitAfterTokens: ["number", undefined], // leaves with `exitCode`, or 0, after so many tokens of one stream
  silentAfterTokens: ["number", undefined], // no token after so many of one stream, nor in any later one
  closeOn: ["text", undefined], // closes the connection without an answer when the request holds this text
  tracebackAfter: ["number", undefined], // after so many completions prints a traceback, and lives on
  floodBytes: ["number", undefined], // prints so much after its first completion
  eatBytes: ["number", undefined], // takes so much memory after its first completion, and keeps it
  crashAtStart: ["text", undefined], // traceback on stderr, `fatal`, exit 1
  exitAtStart: ["boolean", false], // leaves after hello without a word
  exitCode: ["number", undefined], // instead of 0 or 1, wherever it leaves by itself
  faultsOnce: ["text", undefined], // a file: with it present, all faults are off; it is made at the first start
  ignoreSigterm: ["boolean", false],
  ignoreStop: ["boolean", false],
  grandchild: ["boolean", false], // a sleeping child in the group that holds stdout and stderr
  escapedGrandchild: ["boolean", false], // the same in a group of its own

  text: ["text", undefined], // the answer
  tokens: ["number", undefined], // that many numbered words instead
  tokenBytes: ["number", undefined], // each of them so long
  tokenDelayMs: ["number", 0],
  firstTokenDelayMs: ["number", 0], // before each answer begins
  prefillKeepalives: ["number", 1], // progress comments before the first token
  reasoning: ["boolean", false],
  toolCall: ["boolean", false], // call the first tool offered, unless the last message is a tool's result
  toolArguments: ["text", '{"city": "Paris"}'],
  scripted: ["boolean", false], // the last message of each request says how it is answered (scripts.mjs)
  obliging: ["boolean", false], // holds to `answer_grammar`, knows prompts again, and takes its texts from `replies`
  replies: ["text", undefined], // with --flags alone: [{ask, told?, text}], see obliging.mjs
  agentTask: ["boolean", false], // does a coding agent's task with the tools that it offers (agent-task.mjs)
  silentClose: ["boolean", false], // end the stream without a finish reason and without [DONE]

  contextLength: ["number", 2048],
  footprintBytes: ["number", 100_000_000],
  trueFootprint: ["boolean", false], // reports its real memory instead
  memoryIntervalMs: ["number", 5000],
  silentMemory: ["boolean", false], // reports its memory once, then never again
  record: ["text", undefined], // a file that gets one JSON line per start, request and disconnect
};

const FAULTS = [
  "neverReady",
  "hangAfter",
  "crashAfterTokens",
  "exitAfterTokens",
  "silentAfterTokens",
  "tracebackAfter",
  "eatBytes",
  "crashAtStart",
  "exitAtStart",
  "exitCode",
  "silentClose",
];

/**
 * Flags from three places, later ones win: `fake-engine.json` in the model's folder (keys as in FLAGS), `--flags JSON`,
 * and the command line in kebab case (`--start-delay-ms 200`). An unknown flag throws.
 */
export function readFlags(commandLine) {
  const options = Object.fromEntries(
    Object.entries(FLAGS).map(([name, [kind]]) => [kebab(name), { type: kind === "boolean" ? "boolean" : "string" }]),
  );
  const { values } = parseArgs({ args: commandLine, options: { ...options, flags: { type: "string" } } });
  const { flags: json = "{}", ...given } = values;
  const argv = Object.fromEntries(Object.entries(given).map(([name, value]) => [camel(name), value]));
  const merged = { ...fromModelFolder(argv.model), ...JSON.parse(json), ...argv };
  for (const name of Object.keys(merged)) if (!(name in FLAGS)) throw new Error(`fake engine: unknown flag ${name}`);

  const flags = {};
  for (const [name, [kind, fallback]] of Object.entries(FLAGS)) {
    const value = merged[name] ?? fallback;
    flags[name] = kind === "number" && value !== undefined ? Number(value) : value;
  }
  if (flags.neverReady) flags.hangAfter = 0;
  return flags.faultsOnce === undefined ? flags : onlyTheFirstTime(flags);
}

function onlyTheFirstTime(flags) {
  if (!existsSync(flags.faultsOnce)) {
    writeFileSync(flags.faultsOnce, "");
    return flags;
  }
  return { ...flags, ...Object.fromEntries(FAULTS.map((name) => [name, FLAGS[name][1]])) };
}

function fromModelFolder(model) {
  const file = path.join(model ?? "", "fake-engine.json");
  return model !== undefined && existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
}

function kebab(name) {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function camel(name) {
  return name.replace(/-([a-z])/g, (_, letter) => letter.toUpperCase());
}
