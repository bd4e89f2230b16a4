import type { ResponseInputItem, ResponseRequest } from "../../contract/responses.ts";
import { AppError } from "../../platform/errors.ts";
import type { GatewayDependencies } from "../dependencies.ts";
import { responseIdOf } from "./response-items.ts";

type Stored = GatewayDependencies["responses"];

/** What the turns before brought, oldest first. @throws AppError `not_found` when one of them is not kept any more. */
export function historyOf({ previous_response_id: id }: ResponseRequest, stored: Stored): readonly ResponseInputItem[] {
  if (id === null || id === undefined) return [];
  const turns = stored.chain(id);
  if (turns !== null) return turns.flatMap(({ input, output }) => [...input, ...output]);
  const message = `The response ${id} is not kept here, or one that it goes on from is not. Send the whole conversation.`;
  throw new AppError("not_found", message, { details: { param: "previous_response_id" } });
}

/** Puts the items themselves where a client only named them. @throws AppError `not_found` for one that is not kept. */
export function withReferences(items: readonly ResponseInputItem[], stored: Stored): readonly ResponseInputItem[] {
  return items.map((item) => {
    const { id } = item;
    const isReference = item.type === "item_reference" || (item.type == null && item["role"] === undefined);
    if (!isReference || typeof id !== "string") return item;
    const responseId = responseIdOf(id);
    const found =
      responseId === null ? undefined : stored.find(responseId)?.response.output.find((one) => one.id === id);
    if (found !== undefined) return found;
    const message = `The item ${id.slice(0, 200)} is not kept here. Send the item itself.`;
    throw new AppError("not_found", message, { details: { param: "input" } });
  });
}
