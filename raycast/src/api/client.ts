import nodeFetch, { Request as NodeRequest } from "node-fetch";
import createOpenApiClient from "openapi-fetch";
import type { Client as OpenApiClient } from "openapi-fetch";
import { authorization } from "./connection.ts";
import type { Connection } from "./connection.ts";
import { answerError, networkError } from "./errors.ts";
import type { paths } from "./schema.d.ts";

/** Every route of the service, typed by its document. */
export type Client = OpenApiClient<paths>;

export function createClient(connection: Connection): Client {
  return createOpenApiClient<paths>({
    baseUrl: connection.address,
    headers: authorization(connection),
    // Both from node-fetch: a global Request would go to its fetch as "[object Request]".
    Request: NodeRequest as unknown as typeof globalThis.Request,
    fetch: async (request) => {
      try {
        return (await nodeFetch(request as unknown as NodeRequest)) as unknown as Response;
      } catch (error) {
        throw networkError(error, connection.address);
      }
    },
  });
}

interface Answer<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/** The body of a good answer. @throws ApiError for any other, and the abort as it is. */
export async function bodyOf<Data>(asked: Promise<Answer<Data>>): Promise<NonNullable<Data>> {
  let answer: Answer<Data>;
  try {
    answer = await asked;
  } catch (error) {
    // Not JSON, or cut off in the middle.
    throw error instanceof SyntaxError ? answerError(200, undefined) : networkError(error, "its address");
  }
  const { data, error, response } = answer;
  if (!response.ok || data === undefined || data === null) throw answerError(response.status, error);
  return data;
}

/** `owner/name` as the two parts of a path. */
export function modelPath(id: string): { owner: string; name: string } {
  const [owner = "", name = ""] = id.split("/");
  return { owner, name };
}
