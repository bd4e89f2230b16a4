import { ResponseItemQuery, ResponseQuery } from "../../contract/responses.ts";
import type { ResponseInputItem, ResponseObject } from "../../contract/responses.ts";
import { AppError } from "../../platform/errors.ts";
import { invalidRequest } from "../../platform/http/route.ts";
import type { GatewayDependencies } from "../dependencies.ts";
import { replayEvents } from "./response-replay.ts";

type Dependencies = Pick<GatewayDependencies, "responses">;

/** `GET /v1/responses/{id}`: whole, or as the events it came with. @throws AppError `not_found`, `invalid_request` */
export function getResponse(
  dependencies: Dependencies,
  id: string,
  given: Readonly<Record<string, unknown>>,
): ResponseObject | { readonly events: string } {
  const query = ResponseQuery.safeParse(given);
  if (!query.success) throw invalidRequest(query.error, "query");
  const { response } = find(dependencies, id);
  const { stream, starting_after: after } = query.data;
  return stream === "true" ? { events: replayEvents(response, after) } : response;
}

/**
 * `POST /v1/responses/{id}/cancel`. What is kept is over: nothing runs here that nobody waits for.
 * @throws AppError `not_found`, `invalid_request`
 */
export function cancelResponse(dependencies: Dependencies, id: string): never {
  find(dependencies, id);
  const message = `The response ${id} is over: only one that runs in the background could be cancelled. Close the connection of a running one to stop it.`;
  throw new AppError("invalid_request", message, { details: { param: "id" } });
}

/** `DELETE /v1/responses/{id}`. @throws AppError `not_found` */
export function deleteResponse({ responses }: Dependencies, id: string) {
  if (!responses.remove(id)) throw notFound(id);
  return { id, object: "response" as const, deleted: true as const };
}

/** `GET /v1/responses/{id}/input_items`: what was new in that turn. @throws AppError `not_found`, `invalid_request` */
export function listResponseItems(dependencies: Dependencies, id: string, given: Readonly<Record<string, unknown>>) {
  const query = ResponseItemQuery.safeParse(Object.fromEntries(known.map((key) => [key, given[key]])));
  if (!query.success) throw invalidRequest(query.error, "query");
  const { after, limit, order } = query.data;
  const items = find(dependencies, id).input.map((item, index) => listedItem(item, index, id));
  if (order === "desc") items.reverse();
  const start = after === undefined ? 0 : items.findIndex((item) => item.id === after) + 1;
  const data = items.slice(start, start + limit);
  return {
    ...{ object: "list" as const, data, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null },
    has_more: start + limit < items.length,
  };
}

const known = ["after", "limit", "order"] as const;

/** As the client sent it, in the long form: with an id, a type and parts. */
function listedItem(item: ResponseInputItem, index: number, responseId: string) {
  const id = typeof item["id"] === "string" ? item["id"] : `item_${responseId.replace(/^resp_/, "")}_${index}`;
  const type = item.type ?? "message";
  const { content, role } = item;
  const kind = role === "assistant" ? "output_text" : "input_text";
  const parts = typeof content === "string" ? { content: [{ type: kind, text: content }] } : {};
  return { ...item, ...parts, id, type, ...(type === "message" ? { status: "completed" } : {}) };
}

function find({ responses }: Dependencies, id: string) {
  const stored = responses.find(id);
  if (stored === null) throw notFound(id);
  return stored;
}

function notFound(id: string): AppError {
  return new AppError("not_found", `The response ${id.slice(0, 200)} is not kept here.`, { details: { param: "id" } });
}
