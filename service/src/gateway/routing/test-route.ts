import type { RoutingQuestion, RoutingStep, RoutingTest } from "../../contract/routing.ts";
import { isAppError } from "../../platform/errors.ts";
import type { NameLookup } from "../../serving/profiles/index.ts";
import type { Target } from "../background.ts";
import { contextOverflow } from "../context-overflow.ts";
import type { GatewayDependencies } from "../dependencies.ts";
import { intakeOf } from "../intake.ts";
import type { Intake } from "../intake.ts";
import { prepareRequest } from "../prepare-request.ts";
import { contextOf } from "../request.ts";
import { chooseRoute } from "./choose-route.ts";
import type { Route } from "./choose-route.ts";
import { routeHeaders } from "./route-headers.ts";

export interface TestRouteDependencies extends Pick<
  GatewayDependencies,
  "models" | "pool" | "sessions" | "settings" | "tokens"
> {
  readonly profiles: GatewayDependencies["profiles"] & { lookUp(name: string | null): NameLookup };
}

/**
 * Who would answer, on the way that every request goes, up to where an engine would be asked. Nothing is loaded, and no
 * session is remembered.
 */
export async function testRoute(
  dependencies: TestRouteDependencies,
  question: RoutingQuestion,
  signal: AbortSignal,
): Promise<RoutingTest> {
  const name = question.model ? question.model : null;
  const intake = intakeFor(question, name);
  const steps = nameSteps(dependencies.profiles.lookUp(name), name);
  const wish = {
    ...{ name, messages: intake.messages },
    asker: { client: "", isBackground: false, session: question.session },
    explain: (more: readonly RoutingStep[]) => void steps.push(...more),
  };
  const prepare = async (target: Target): Promise<Target> => {
    const step = `can ${target.profile.slug ?? target.profile.model} answer`;
    try {
      await tryOut(dependencies, intake, target, { promptTokens: question.promptTokens, signal });
      steps.push({ step, result: "yes", text: "it can" });
      return target;
    } catch (error) {
      if (isAppError(error)) steps.push({ step, result: "no", text: error.message });
      throw error;
    }
  };
  try {
    const route = await chooseRoute(dependencies, wish, prepare);
    return { steps, answer: answerOf(route), error: null, headers: routeHeaders(route, name) };
  } catch (error) {
    if (!isAppError(error)) throw error;
    return { steps, answer: null, error: { code: error.code, message: error.message }, headers: {} };
  }
}

/** @throws AppError what keeps the target from answering. */
async function tryOut(
  dependencies: TestRouteDependencies,
  intake: Intake,
  target: Target,
  { promptTokens, signal }: { readonly promptTokens: number | undefined; readonly signal: AbortSignal },
): Promise<void> {
  const { models } = dependencies;
  // A length that is said takes the place of counting.
  const counting = promptTokens === undefined ? dependencies : { models };
  const { limits } = await prepareRequest(counting, intake, target, { imageParam: "images", signal });
  const context = contextOf(target.profile, limits);
  if (promptTokens !== undefined && context !== null && promptTokens >= context)
    throw contextOverflow(promptTokens, context);
}

function answerOf({ profile, prepared, reason }: Route<Target>): RoutingTest["answer"] {
  const { id: profileId, slug, model, kind } = profile;
  return { profileId, name: slug ?? model, model, kind, revision: prepared.revision, route: reason };
}

/** The smallest picture there is: only its being there counts. */
const picture = "data:image/gif;base64,R0lGODlhAQABAAAAACw=";

function intakeFor({ prompt, images }: RoutingQuestion, model: string | null): Intake {
  const text = prompt === "" ? "Hi" : prompt;
  const message = { role: "user" as const, text, images: Array.from({ length: images }, () => picture) };
  return intakeOf({ model, stream: true, messages: [message] });
}

const ruleNames = {
  slug: "a profile of that name",
  model: "a model of that name",
  revision: "a model at a revision",
  alias: "an alias",
  anthropic: "without anthropic/",
  latest: "without :latest",
  pattern: "a pattern",
  default: "the default model",
} as const;

function nameSteps({ found, dead, tried }: NameLookup, name: string | null): RoutingStep[] {
  return tried.map((by, index) => {
    const step = `name: ${ruleNames[by]}`;
    if (index < tried.length - 1 || (found === null && dead === null)) {
      return {
        step,
        result: "no",
        text: `${name === null ? "there is none" : `none is called "${name.slice(0, 200)}"`}`,
      };
    }
    if (found === null)
      return { step, result: "no", text: `"${dead?.alias}" stands for ${dead?.target}, which is not here` };
    const through = found.alias === undefined ? "" : ` by "${found.alias}"`;
    return { step, result: "yes", text: `it means ${found.profile.slug ?? found.profile.model}${through}` };
  });
}
