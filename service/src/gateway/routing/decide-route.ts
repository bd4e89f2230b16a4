import { matchesPattern } from "../../contract/name-patterns.ts";
import type { RoutingReason, RoutingRule, RoutingStep } from "../../contract/routing.ts";

/** What a decision is made of; all of it is known before any engine is asked. */
export interface RouteFacts {
  /** The name as the client wrote it; null: none. */
  readonly name: string | null;
  /** What the name means; null: nothing that is here. */
  readonly asked: { readonly name: string; readonly model: string } | null;
  /** What keeps it from answering; null: nothing. */
  readonly problem: RoutingReason | null;
  /** The profile of a rule that the session began with. */
  readonly begun: string | null;
  readonly rules: readonly RoutingRule[];
  /** Why a rule's profile cannot take a request now; null: it can. */
  readonly whyNot: (to: string) => string | null;
}

export interface RouteDecision {
  /** The profile that answers instead; null: the one that was asked, or its refusal. */
  readonly to: string | null;
  readonly by: RoutingReason | "session" | null;
  readonly steps: readonly RoutingStep[];
}

/**
 * Who answers. A session that began at a rule's profile stays there as long as that can answer; else the model that was
 * asked does if it can; else the first rule that fits and whose profile can take the request.
 */
export function decideRoute(facts: RouteFacts): RouteDecision {
  const steps: RoutingStep[] = [];
  if (facts.begun !== null) {
    const why = staysAway(facts, facts.begun);
    steps.push({ step: "session", ...said(why, `it began with ${facts.begun} and stays there`) });
    if (why === null) return { to: facts.begun, by: "session", steps };
  }
  for (const [index, rule] of facts.rules.entries()) {
    const why = misfit(facts, rule) ?? facts.whyNot(rule.to);
    steps.push({ step: `rule ${index + 1}: ${rule.when} to ${rule.to}`, ...said(why, `${rule.to} answers`) });
    if (why === null) return { to: rule.to, by: rule.when, steps };
  }
  return { to: null, by: null, steps };
}

/** Only while a rule still leads there: taking the rule away takes the session back. */
function staysAway(facts: RouteFacts, begun: string): string | null {
  const leads = facts.rules.some((rule) => rule.to === begun && isMeant(facts, rule));
  return leads ? facts.whyNot(begun) : `it began with ${begun}, where no rule leads any more`;
}

function misfit(facts: RouteFacts, rule: RoutingRule): string | null {
  if (facts.problem === null) return "the model that was asked can answer";
  if (rule.when !== facts.problem) return `the request's trouble is another one: ${facts.problem}`;
  return isMeant(facts, rule) ? null : "it is for other models";
}

function isMeant({ name, asked }: RouteFacts, { models }: RoutingRule): boolean {
  if (models === undefined) return true;
  const names = [name ?? "", asked?.name ?? "", asked?.model ?? ""].filter((each) => each !== "");
  return models.some((pattern) => names.some((each) => matchesPattern(pattern, each)));
}

function said(why: string | null, otherwise: string): Pick<RoutingStep, "result" | "text"> {
  return why === null ? { result: "yes", text: otherwise } : { result: "no", text: why };
}
