import type { IncomingHttpHeaders } from "node:http";
import * as z from "zod";
import type { AnthropicModel, AnthropicModelList } from "../../contract/anthropic.ts";
import type { OpenAIModel } from "../../contract/openai.ts";
import { AppError } from "../../platform/errors.ts";
import { invalidRequest } from "../../platform/http/route.ts";

/** Anthropic's clients always say which version of the protocol they speak; nobody else does. */
export function isAnthropicClient(headers: IncomingHttpHeaders): boolean {
  return headers["anthropic-version"] !== undefined;
}

const Paging = z.looseObject({
  limit: z.coerce.number().int().min(1).max(1000).default(20),
  after_id: z.string().optional(),
  before_id: z.string().optional(),
});

/** Claude Code lists only names that hold this; every name answers with it in front. */
const prefix = "anthropic/";

type Entry = Omit<z.infer<typeof OpenAIModel>, "object">;

/**
 * A page of the models that chat, under names that every client of Anthropic's lists.
 * @throws AppError `invalid_request` for a page that there is not.
 */
export function anthropicModelPage(entries: readonly Entry[], query: unknown): AnthropicModelList {
  const paging = Paging.safeParse(query);
  if (!paging.success) throw invalidRequest(paging.error, "query");
  const { limit, after_id: after, before_id: before } = paging.data;
  const all = entries.filter(({ type }) => type === "chat").map((entry) => anthropicModel(listedId(entry.id), entry));
  const from = after === undefined ? 0 : placeOf(all, after, "after_id") + 1;
  const to = before === undefined ? all.length : placeOf(all, before, "before_id");
  // Before a name means the page that ends there.
  const range = all.slice(from, to);
  const data = before === undefined ? range.slice(0, limit) : range.slice(-limit);
  return {
    data,
    has_more: data.length < range.length,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
  };
}

/** An alias may be such a name already. */
function listedId(id: string): string {
  return /^(claude|anthropic)/i.test(id) ? id : prefix + id;
}

/** @param id the name that was asked for. */
export function anthropicModel(id: string, entry: Entry): AnthropicModel {
  const name = entry.id.startsWith(prefix) ? entry.id.slice(prefix.length) : entry.id;
  return {
    type: "model",
    id,
    display_name: entry.alias_of === undefined ? name : `${name} (${entry.alias_of})`,
    created_at: new Date(entry.created * 1000).toISOString(),
    max_input_tokens: entry.context_length,
    max_tokens: entry.context_length,
  };
}

function placeOf(all: readonly AnthropicModel[], id: string, param: string): number {
  const place = all.findIndex((model) => model.id === id);
  if (place !== -1) return place;
  throw new AppError("invalid_request", `"${param}" names a model that is not in the list.`, { details: { param } });
}
