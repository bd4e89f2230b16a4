import type { Capability } from "../../contract/hub.ts";
import type { LongestPrompt, MeasuredCapabilities, MeasuredVerdict } from "../../contract/measurements.ts";
import type { ChatRequest } from "../../contract/openai.ts";
import type { MemoryReading } from "../../contract/servers.ts";
import { isAppError } from "../../platform/errors.ts";
import { judgeChat, judgeStructured, judgeThinking, judgeTools, judgeVision } from "./judge-answers.ts";
import { contextsUpTo } from "./long-prompt.ts";
import { measureContexts } from "./measure-contexts.ts";
import type { Found, ProbeRun } from "./probe-run.ts";
import type { ProbeAnswer } from "./question.ts";
import {
  blindQuestion,
  chatQuestion,
  structuredQuestion,
  thinkingQuestion,
  toolQuestions,
  visionQuestion,
} from "./question.ts";
import { createSpeedometer } from "./speedometer.ts";
import { testPicture } from "./test-picture.ts";

/** Asks one question for each capability, then longer and longer ones. What fails is a finding, not an end. */
export async function runProbe(run: ProbeRun): Promise<Found> {
  const { declared, log } = run;
  const speed = createSpeedometer();
  const heard = async (request: ChatRequest): Promise<ProbeAnswer> => {
    const answer = await run.ask(request);
    speed.note(answer);
    return answer;
  };
  const tried = async (
    name: keyof MeasuredCapabilities,
    test: () => Promise<MeasuredVerdict>,
  ): Promise<MeasuredVerdict> => {
    run.step(`asking: ${name}`);
    try {
      const verdict = await test();
      log(`${name}: ${verdict}`);
      return verdict;
    } catch (error) {
      run.signal.throwIfAborted();
      if (!isAppError(error)) throw error;
      const verdict = error.code === "unsupported" ? "unsupported" : "no";
      log(`${name}: ${verdict} (${error.message})`);
      return verdict;
    }
  };
  const claimed = (capability: Capability, name: keyof MeasuredCapabilities, test: () => Promise<MeasuredVerdict>) =>
    declared.includes(capability) ? tried(name, test) : Promise.resolve<MeasuredVerdict>("not-tried");

  let toolFormat: string | null = null;
  const chat = await tried("chat", async () => judgeChat(await heard(chatQuestion)));
  if (chat !== "yes") return { ...nothing(chat), memory: memoryOf(run.loaded, []) };
  const capabilities: MeasuredCapabilities = {
    chat,
    tools: await claimed("tools", "tools", async () => {
      const judged = await askForTools(heard);
      toolFormat = judged.format;
      return judged.verdict;
    }),
    thinking: await claimed("thinking", "thinking", async () => judgeThinking(await heard(thinkingQuestion))),
    structuredOutput: await tried("structuredOutput", async () => judgeStructured(await heard(structuredQuestion))),
    vision: await claimed("vision", "vision", async () =>
      judgeVision(await heard(visionQuestion(testPicture())), await heard(blindQuestion)),
    ),
  };
  const contexts = await measureContexts(run, speed);
  return {
    ...{ capabilities, toolFormat, longestPrompt: contexts.longest },
    tokensPerSecond: speed.tokensPerSecond(),
    prefillTokensPerSecond: contexts.prefillTokensPerSecond,
    memory: memoryOf(run.loaded, contexts.memory),
  };
}

/** Loading, chat, format, samples, what is claimed, and the contexts. */
export function stepsOf(declared: readonly Capability[], longest: LongestPrompt): number {
  return 4 + claimable.filter((name) => declared.includes(name)).length + contextsUpTo(longest.tokens).length;
}

const claimable: readonly Capability[] = ["tools", "thinking", "vision"];

async function askForTools(ask: (request: ChatRequest) => Promise<ProbeAnswer>) {
  const answers: ProbeAnswer[] = [];
  for (const question of toolQuestions) {
    answers.push(await ask(question));
    const judged = judgeTools(answers);
    if (judged.verdict === "yes") return judged;
  }
  return judgeTools(answers);
}

function nothing(chat: MeasuredVerdict): Omit<Found, "memory"> {
  const rest = "not-tried" as const;
  return {
    capabilities: { chat, tools: rest, thinking: rest, structuredOutput: rest, vision: rest },
    ...{ toolFormat: null, longestPrompt: null, tokensPerSecond: null, prefillTokensPerSecond: null },
  };
}

function memoryOf(loaded: MemoryReading | null, contexts: { tokens: number; peakBytes: number }[]): Found["memory"] {
  if (loaded === null) return null;
  return { method: loaded.method, loadedBytes: loaded.footprintBytes, contexts };
}
