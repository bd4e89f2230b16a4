import type { Profile } from "../../contract/profiles.ts";
import type { RouteReason, RoutingStep } from "../../contract/routing.ts";
import { AppError, isAppError } from "../../platform/errors.ts";
import type { Asker } from "../asker.ts";
import { backgroundTarget } from "../background.ts";
import type { Target } from "../background.ts";
import type { GatewayDependencies } from "../dependencies.ts";
import type { NormalMessage } from "../messages.ts";
import { decideRoute } from "./decide-route.ts";
import { findRuleTarget, whyNotNow } from "./rule-targets.ts";
import { begunWith, noteBegun, withBegunRevision } from "./begun-with.ts";
import type { BegunWith } from "./session-affinity.ts";
import { troubleOf } from "./trouble.ts";
import type { Trouble } from "./trouble.ts";

export type RouteDependencies = Pick<GatewayDependencies, "models" | "pool" | "profiles" | "settings" | "sessions">;

export interface RouteWish {
  /** As the client wrote it; null: the default. */
  readonly name: string | null;
  readonly messages: readonly NormalMessage[];
  readonly asker: Asker;
  /** Hears who would answer, as soon as that is known, and again when it is somebody else. */
  readonly onTarget?: ((profile: Profile) => void) | undefined;
  /** Hears how it was decided. */
  readonly explain?: ((steps: readonly RoutingStep[]) => void) | undefined;
}

export interface Route<Prepared> {
  readonly profile: Profile;
  readonly prepared: Prepared;
  /** Why it is not the one that was asked; null: it is. */
  readonly reason: RouteReason | null;
  /** Call when an engine took the request: its session stays with it. */
  begin(revision: string | null): void;
}

type Prepare<Prepared> = (target: Target) => Promise<Prepared>;

/**
 * Who answers a request, before any engine is asked: one that has begun on an engine is never repeated on another.
 * @param prepare makes the request for one target; what it throws is why that one cannot answer.
 * @throws AppError what the model that was asked says, where no rule leads elsewhere.
 */
export async function chooseRoute<Prepared>(
  dependencies: RouteDependencies,
  wish: RouteWish,
  prepare: Prepare<Prepared>,
): Promise<Route<Prepared>> {
  const { profiles, settings } = dependencies;
  const rules = settings.values().routingRules ?? [];
  const begun = begunWith(dependencies, wish);
  if (rules.length === 0) return toAsked(dependencies, wish, begun, profiles.resolve(wish.name), prepare);

  const asked = askedOf(dependencies, wish.name);
  const facts = {
    ...{ name: wish.name, asked: asked.target && { name: nameOf(asked.target), model: asked.target.profile.model } },
    ...{ begun: begunRule(dependencies, begun, asked.target), rules },
    whyNot: (to: string) => whyNotNow(dependencies, to),
  };
  let trouble = asked.trouble;
  const early = decideRoute({ ...facts, problem: null });
  if (early.by !== "session" && asked.target !== null && trouble === null) {
    try {
      const route = await toAsked(dependencies, wish, begun, asked.target, prepare);
      wish.explain?.(early.steps);
      return route;
    } catch (error) {
      trouble = troubleOf(error, wish.messages, asked.target.profile, dependencies);
      if (trouble === null) throw error;
    }
  }
  const { to, by, steps } = decideRoute({ ...facts, problem: trouble?.reason ?? null });
  wish.explain?.(steps);
  if (to === null || by === null) throw trouble?.error ?? new Error("Nothing keeps the request from being answered.");
  const target = findRuleTarget(profiles, to);
  wish.onTarget?.(target.profile);
  // Moved for this request alone, where its session has a model that can take the next one.
  const isAway = begun !== null && begun.profileId === asked.target?.profile.id;
  return {
    ...{ profile: target.profile, prepared: await prepare(target), reason: by },
    begin: () => void (isAway || noteBegun(dependencies, wish, { profileId: target.profile.id, revision: null })),
  };
}

async function toAsked<Prepared>(
  dependencies: RouteDependencies,
  wish: RouteWish,
  begun: BegunWith | null,
  asked: Target,
  prepare: Prepare<Prepared>,
): Promise<Route<Prepared>> {
  const mapped = wish.asker.isBackground ? backgroundTarget(dependencies, asked) : asked;
  const isMapped = mapped.profile.id !== asked.profile.id;
  const target = isMapped ? mapped : withBegunRevision(dependencies, begun, mapped);
  const { profile } = target;
  wish.onTarget?.(profile);
  return {
    ...{ profile, prepared: await prepare(target), reason: isMapped ? "background" : null },
    begin: (revision) => void (isMapped || noteBegun(dependencies, wish, { profileId: profile.id, revision })),
  };
}

interface Asked {
  readonly target: Target | null;
  readonly trouble: Trouble | null;
}

/** A name that means nothing here is a trouble that a rule may know a way out of; a name that is forbidden is not. */
function askedOf({ profiles, models }: RouteDependencies, name: string | null): Asked {
  try {
    const { profile, revision } = profiles.resolve(name);
    const isHere = profile.kind === "remote" || revision !== "main" || models.find(profile.model)?.complete === true;
    const target = { profile, revision };
    return { target, trouble: isHere ? null : { reason: "model-not-here", error: notWhole(profile) } };
  } catch (error) {
    if (!isAppError(error) || error.code !== "model_not_found") throw error;
    return { target: null, trouble: { reason: "model-not-here", error } };
  }
}

/** The rule's profile that a session began with; null for one that began with the model it asks. */
function begunRule({ profiles }: RouteDependencies, begun: BegunWith | null, asked: Target | null): string | null {
  if (begun === null || begun.profileId === asked?.profile.id) return null;
  return profiles.all().find(({ id }) => id === begun.profileId)?.slug ?? null;
}

/** What people call who answers. */
export function nameOf({ profile }: Pick<Target, "profile">): string {
  return profile.slug ?? profile.model;
}

function notWhole({ model }: Profile): AppError {
  return new AppError("model_not_found", `The model ${model} is not wholly here yet. Download it first.`, {
    details: { model },
  });
}
