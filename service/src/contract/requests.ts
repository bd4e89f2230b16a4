import * as z from "zod";
import { OpaqueId, Timestamp, page, pageQuery } from "./common.ts";

const milliseconds = z.number().nonnegative().nullable();
const tokens = z.int().nonnegative().nullable();

const entry = {
  id: z.string().meta({ description: "As in the answer's header `x-request-id`." }),
  startedAt: Timestamp,
  finishedAt: Timestamp,
  protocol: z.string(),
  path: z.string(),
  streamed: z.boolean(),
  client: z.string().nullable().meta({ description: "The program that asked, as it names itself." }),
  keyId: z.string().nullable().meta({ description: "The named key it came with; null: another key, or none." }),
  agent: z.string().nullable().meta({ description: "The coding agent behind it, where its requests tell." }),
  session: z.string().nullable().meta({ description: "The client's conversation; the same for all its requests." }),
  subagent: z.boolean().meta({ description: "Asked by an agent that another one has sent." }),
  requestedModel: z.string().nullable().meta({ description: "The name the client wrote." }),
  model: z.string().nullable().meta({ description: "Who was to answer; null: refused before that was clear." }),
  route: z
    .string()
    .nullable()
    .meta({ description: "Why somebody else answered than was asked; null: nobody else did." }),
  profileId: z.string().nullable(),
  serverId: z.string().nullable(),
  engine: z.string().nullable(),
  status: z.int().meta({ description: "Of the answer; of its end for a stream that failed; 499: the client left." }),
  finishReason: z.string().nullable(),
  errorCode: z.string().nullable(),
  errorSource: z.string().nullable().meta({ description: "Who failed: gateway or engine." }),
  clientLeft: z.boolean(),
  inputTokens: tokens,
  outputTokens: tokens,
  cachedTokens: tokens,
  reasoningTokens: tokens,
  queueMs: milliseconds.meta({ description: "Waited for a place." }),
  loadMs: milliseconds.meta({ description: "Waited for the model to load." }),
  waitMs: milliseconds.meta({ description: "From its arrival until an engine took it." }),
  firstTokenMs: milliseconds.meta({ description: "From its arrival to the first token." }),
  durationMs: z.number().nonnegative(),
  tokensPerSecond: z.number().nonnegative().nullable().meta({ description: "After the first token." }),
  swapCause: z.string().nullable().meta({ description: "Which models were unloaded to make room for its own." }),
  droppedKeys: z.array(z.string()).meta({ description: "Names of keys the client sent that nothing understands." }),
};

/** Metadata of one request to the gateway, written when it ended; never its text. */
export const RequestEntry = z.strictObject(entry).meta({ id: "RequestEntry" });
export type RequestEntry = z.infer<typeof RequestEntry>;

export const RequestDetail = z
  .strictObject({
    ...entry,
    bodies: z
      .strictObject({
        request: z.string().nullable(),
        response: z.string().nullable(),
        truncated: z.boolean(),
      })
      .nullable()
      .meta({ description: "Texts, of requests that ended while the setting `recordBodiesUntil` kept them." }),
  })
  .meta({ id: "RequestDetail" });
export type RequestDetail = z.infer<typeof RequestDetail>;

export const RequestPage = page("RequestPage", RequestEntry);

/** A day means its first moment, UTC. */
const Moment = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()])
  .transform((text) => new Date(text).toISOString());

const filters = {
  model: z.string().min(1).max(400).optional().meta({ description: "As it was asked for, or as it was resolved." }),
  status: z.coerce.number().int().min(100).max(599).optional(),
  protocol: z.string().min(1).max(40).optional(),
  client: z.string().min(1).max(80).optional(),
  key: OpaqueId.optional(),
  agent: z.string().min(1).max(80).optional(),
  session: z.string().min(1).max(200).optional(),
  subagent: z
    .stringbool()
    .optional()
    .meta({ description: "Only what agents asked that others sent, or only the rest." }),
  route: z.string().min(1).max(80).optional(),
  since: Moment.optional().meta({ description: "Requests that began then or later: a time, or a day in UTC." }),
  until: Moment.optional().meta({ description: "Requests that began before." }),
  errors: z.stringbool().optional().meta({ description: "Only requests that failed." }),
};

export const RequestQuery = z.strictObject({ ...pageQuery, ...filters });
export const RequestParams = z.strictObject({ id: OpaqueId });
export type RequestFilter = Omit<z.infer<typeof RequestQuery>, "limit" | "cursor">;

export const RequestExportQuery = z.strictObject({ ...filters, format: z.enum(["jsonl", "csv"]).default("jsonl") });
export type RequestExportFormat = z.infer<typeof RequestExportQuery>["format"];

export const statsGroups = [
  "model",
  "day",
  "client",
  "protocol",
  "key",
  "agent",
  "session",
  "subagent",
  "route",
] as const;
export type StatsGroup = (typeof statsGroups)[number];

export const RequestStatsQuery = z.strictObject({
  ...filters,
  by: z
    .string()
    .max(100)
    .default("model")
    .transform((text, context): StatsGroup[] => {
      const names = [...new Set(text.split(",").map((name) => name.trim()))].filter((name) => name !== "");
      const unknown = names.filter((name) => !statsGroups.includes(name as StatsGroup));
      if (unknown.length === 0) return names as StatsGroup[];
      const message = `unknown group ${unknown.join(", ")}; known: ${statsGroups.join(", ")}`;
      context.addIssue({ code: "custom", message });
      return z.NEVER;
    })
    .meta({ description: `What to group by, of ${statsGroups.join(", ")}, separated by commas; empty: all in one.` }),
});

const percentiles = z.strictObject({ p50: z.number().nullable(), p95: z.number().nullable() });

export const RequestStats = z
  .strictObject({
    groups: z.array(
      z.strictObject({
        model: z.string().nullable().optional(),
        day: z.string().optional().meta({ description: "In UTC." }),
        client: z.string().nullable().optional(),
        protocol: z.string().optional(),
        key: z.string().nullable().optional(),
        agent: z.string().nullable().optional(),
        session: z.string().nullable().optional(),
        subagent: z.boolean().optional(),
        route: z.string().nullable().optional(),
        firstAt: Timestamp.meta({ description: "When the first of them began." }),
        lastAt: Timestamp.meta({ description: "When the last of them began." }),
        requests: z.int(),
        errors: z.int(),
        left: z.int().meta({ description: "Clients that did not wait for the end." }),
        inputTokens: z.int(),
        outputTokens: z.int(),
        cachedTokens: z.int(),
        firstTokenMs: percentiles,
        tokensPerSecond: percentiles,
      }),
    ),
    truncated: z.boolean().meta({ description: "There are more groups than these; the largest are here." }),
  })
  .meta({ id: "RequestStats" });
export type RequestStats = z.infer<typeof RequestStats>;
