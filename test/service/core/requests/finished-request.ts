import type { RequestRow } from "../../../../service/src/core/requests/index.ts";

const at = "2026-01-01T00:00:00.000Z";

/** A request that went well, but for what is said. */
export function finishedRequest(change: Partial<RequestRow> & { id: string }): RequestRow {
  return {
    ...{ startedAt: at, finishedAt: change.startedAt ?? at, protocol: "openai", path: "/v1/chat/completions" },
    ...{ streamed: true, client: "curl", keyId: null, requestedModel: "coder", model: "a/b", profileId: "p" },
    ...{ serverId: "s", engine: "mlx-lm", status: 200, finishReason: "stop", errorCode: null, errorSource: null },
    ...{ clientLeft: false, inputTokens: 5, outputTokens: 7, cachedTokens: null, reasoningTokens: 0 },
    ...{ queueMs: 1, loadMs: 0.5, waitMs: 1.5, firstTokenMs: 20, durationMs: 30, tokensPerSecond: 40 },
    ...{ agent: null, session: null, subagent: false, route: null },
    ...{ swapCause: null, droppedKeys: ["seed"] },
    ...change,
  };
}
