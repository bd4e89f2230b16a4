import type { Dispatcher } from "undici";
import type { EngineId } from "../contract/engines.ts";
import type { Capability } from "../contract/hub.ts";
import type { Profile } from "../contract/profiles.ts";
import type { RoutingRule } from "../contract/routing.ts";
import type { Server } from "../contract/servers.ts";
import type { RequestRow, RequestTexts } from "../core/requests/index.ts";
import type { OwnResponses, Responses } from "../core/responses/index.ts";
import type { Clock } from "../platform/clock.ts";
import type { Ids } from "../platform/ids.ts";
import type { Log } from "../platform/log.ts";
import type { NamedTarget, ResolvedName } from "../serving/profiles/index.ts";
import type { FormatMemory } from "./formats/format-memory.ts";
import type { ImageSettler } from "./images/settle-images.ts";
import type { SessionAffinity } from "./routing/session-affinity.ts";
import type { PromptTokens } from "./tokens/prompt-tokens.ts";

/** What the gateway needs of the rest, and no more: compose hands in the slices, tests hand in small real ones. */
export interface GatewayDependencies {
  readonly profiles: {
    all(): readonly Profile[];
    /** The one resolver. @throws AppError `model_not_found` */
    resolve(name: string | null | undefined): ResolvedName;
    /** Names that people have set for others. Left out: none. */
    aliases?(): readonly NamedTarget[];
  };
  readonly models: {
    all(): readonly GatewayModel[];
    find(id: string): GatewayModel | null;
  };
  readonly engines: {
    /** @throws AppError `engine_not_installed` with the job that installs it, or `unsupported`. */
    environment(id: EngineId): unknown;
  };
  readonly pool: GatewayPool;
  readonly requests: {
    record(row: RequestRow, texts?: RequestTexts | null): void;
    /** Whether a request that begins now is kept with its texts; left out: never. */
    keepsTexts?(): boolean;
  };
  /** Left out: prompts go uncounted. */
  readonly tokens?: Pick<PromptTokens, "count">;
  readonly images: ImageSettler;
  /** Left out: remote services are taken at their word, and judged by it. */
  readonly formats?: FormatMemory;
  /** Turns that clients go on from by their id. */
  readonly responses: OwnResponses & Pick<Responses, "ownedBy">;
  readonly settings: {
    values(): {
      readonly stallDeadlineSeconds: number;
      readonly mapBackgroundRequests: boolean;
      readonly routingRules?: readonly RoutingRule[];
    };
  };
  /** Left out: no session is remembered. */
  readonly sessions?: SessionAffinity;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** Aborts when a stopping service waits no longer: running answers end with `service_stopping`. */
  readonly stopping?: AbortSignal;
}

export interface GatewayModel {
  readonly id: string;
  readonly demo: boolean;
  readonly complete: boolean;
  readonly addedAt: string;
  readonly facts: {
    readonly contextLength: number | null;
    readonly vocabularySize: number | null;
    readonly architecture: string | null;
    readonly capabilities: readonly Capability[];
  };
}

export interface LoadTarget {
  readonly profile: Profile;
  readonly revision: string;
  /** Whom the request is for: clients that wait for one model take turns. */
  readonly client?: string | undefined;
  /** Milliseconds that the model is to stay loaded after it; Infinity: for good. Left out: nothing was said. */
  readonly keepMs?: number | undefined;
}

export interface LoadProgress {
  readonly phase: "installing" | "queued" | "starting" | "loading" | "warming";
  readonly done?: number;
  readonly total?: number;
}

export interface GatewayPool {
  /** The only door to an engine: waits until a token came back once. @throws the signal's reason as soon as it aborts */
  ensureReady(
    target: LoadTarget,
    signal: AbortSignal,
    onProgress?: (progress: LoadProgress) => void,
  ): Promise<GatewayLease>;
  /** Whether a server of the profile takes requests at once. */
  isServing(profileId: string): boolean;
  /** Refuses what offline mode keeps out of reach; left out: nothing is. @throws AppError `offline` */
  checkReach?(profile: Profile): void;
  loaded(): readonly Pick<Server, "profileId" | "revision" | "state" | "kind" | "inFlight">[];
}

/** A place at a ready engine, held until `release`. */
export interface GatewayLease {
  readonly serverId: string;
  /** The commit it serves; left out where nobody goes on with it. */
  readonly revision?: string;
  readonly url: string;
  /** Without header or body timeouts: prefills are long, and the stall deadline is ours. */
  readonly dispatcher: Dispatcher;
  readonly headers: Readonly<Record<string, string>>;
  readonly engine: EngineId;
  noteTokens(count: number, seconds: number): void;
  noteLife(): void;
  release(): void;
}
