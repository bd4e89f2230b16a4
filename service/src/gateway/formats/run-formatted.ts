import { engineCapabilities } from "../../contract/engine-capabilities.ts";
import type { EngineCapabilities, FormatMeans } from "../../contract/engine-capabilities.ts";
import type { ProfileRemote } from "../../contract/profile-kinds.ts";
import { AppError, isAppError } from "../../platform/errors.ts";
import { isForced } from "../answer-format.ts";
import type { GatewayDependencies } from "../dependencies.ts";
import { engineProtocol } from "../engines/engine-protocol.ts";
import { limitsOf } from "../limits.ts";
import type { Part, PartStream, TokenUsage } from "../parts.ts";
import { runChat } from "../run-chat.ts";
import type { ChatRun } from "../run-chat.ts";
import { runStage } from "../stages/stage.ts";
import { askedAgain, askedInWords } from "./asked-in-words.ts";
import { formatCheck } from "./format-check.ts";
import type { BoundFormat } from "./format-check.ts";
import type { FormatMemory } from "./format-memory.ts";
import { heldAnswer } from "./held-answer.ts";
import type { HeldAnswer } from "./held-answer.ts";
import { unfit, verifiedFormat } from "./verified-format.ts";

export interface FormattedOptions {
  /** Whether the client hears the answer while it is made; what it has heard cannot be made anew. */
  readonly isStreamed: boolean;
  /** Hears it when the answer is reached otherwise than was thought at first. */
  readonly onMeans: (means: FormatMeans) => void;
}

/** Answers that are made to reach the form, the first one included. */
const mostTries = 3;

/**
 * A run whose answer has the form that was asked for, or ends with an error. A grammar of ours is certain. What an engine
 * does by its own word is judged at its end. A remote service that refuses formats, or was seen to ignore them, is asked
 * in words; its answer is held back until it fits, and asked for anew otherwise.
 * @throws AppError as `runChat`; `unsupported` for a schema that could not be judged where that is the only way.
 */
export function runFormatted(dependencies: GatewayDependencies, run: ChatRun, options: FormattedOptions): PartStream {
  const { format } = run.request;
  const { answerFormats }: EngineCapabilities = engineCapabilities[run.profile.engine];
  if (format.type === "text" || isForced(run.request) || answerFormats !== "native") return runChat(dependencies, run);
  const { remote } = run.profile;
  const { formats } = dependencies;
  if (remote !== null && formats)
    return withOneStart(runRemote(dependencies, run, { format, formats, remote }, options));
  return runStage(
    runChat(dependencies, run),
    verifiedFormat(formatCheck(format).check, () => undefined),
  );
}

async function* runRemote(
  dependencies: GatewayDependencies,
  run: ChatRun,
  { format, formats, remote }: { format: BoundFormat; formats: FormatMemory; remote: ProfileRemote },
  { isStreamed, onMeans }: FormattedOptions,
): AsyncGenerator<readonly Part[]> {
  const { check, unjudged } = formatCheck(format);
  const tried: HeldAnswer[] = [];
  const problemOf = ({ isJudged, text }: HeldAnswer): string | null => (isJudged ? check(text) : null);
  if (!formats.cannot(remote)) {
    try {
      if (isStreamed) {
        // Live: most services keep their word.
        const verified = verifiedFormat(check, () => formats.note(remote));
        return yield* runStage(runChat(dependencies, run), verified);
      }
      const held = yield* heldAnswer(runChat(dependencies, run));
      if (problemOf(held) === null) return yield* held.parts;
      tried.push(held);
    } catch (error) {
      if (!isRefusedFormat(error)) throw error;
    }
    formats.note(remote);
  }
  if (unjudged !== null) throw cannotJudge(unjudged);
  onMeans("checked");
  const limits = limitsOf(run.profile, dependencies.models);
  let request = askedInWords(run.request, format);
  for (;;) {
    const body = engineProtocol(run.profile.engine, request).body({ request, profile: run.profile, limits });
    const held = yield* heldAnswer(runChat(dependencies, { ...run, request, body }));
    const problem = problemOf(held);
    if (problem === null) return yield* withUsageOf(tried, held.parts);
    tried.push(held);
    if (tried.length >= mostTries) throw unfit(problem);
    request = askedAgain(request, held.text, problem);
  }
}

/** What the tries before cost is part of the price. */
function withUsageOf(tried: readonly HeldAnswer[], parts: HeldAnswer["parts"]): HeldAnswer["parts"] {
  const spent = tried.flatMap(({ parts: all }) => all.flat().filter((part) => part.type === "usage"));
  if (spent.length === 0) return parts;
  const sum = (own: number | null, key: keyof TokenUsage): number | null =>
    own === null ? null : spent.reduce((total, usage) => total + (usage[key] ?? 0), own);
  return parts.map((array) =>
    array.map((part) =>
      part.type === "usage"
        ? {
            type: "usage",
            ...{ input: sum(part.input, "input"), output: sum(part.output, "output") },
            ...{ cached: sum(part.cached, "cached"), reasoning: sum(part.reasoning, "reasoning") },
          }
        : part,
    ),
  );
}

/** Of several tries the client sees one answer. */
async function* withOneStart(source: PartStream): AsyncGenerator<readonly Part[]> {
  let hasStarted = false;
  for await (const array of source) {
    const isStart = array[0]?.type === "start";
    if (isStart && hasStarted) continue;
    hasStarted ||= isStart;
    yield array;
  }
}

function cannotJudge(why: string): AppError {
  const reason = `the remote service does not hold answers to a format, and this schema cannot be checked here (${why})`;
  return new AppError("unsupported", `"response_format" cannot be honoured: ${reason}.`, {
    details: { param: "response_format" },
  });
}

/** Services say it in many ways; none of them says it by a code. */
function isRefusedFormat(error: unknown): boolean {
  return (
    isAppError(error) &&
    error.code === "invalid_request" &&
    /response_format|json_schema|json_object/i.test(error.message)
  );
}
