import * as z from "zod";
import { isAppError } from "../../platform/errors.ts";
import type { HubFetch } from "./hub-fetch.ts";

const Account = z.looseObject({ name: z.string().min(1).nullable().catch(null) });
/** What servers answer that do not know the route. */
const unknownRoute = new Set([404, 405, 410, 501]);

/** @returns null where the endpoint cannot tell whose token it is. @throws AppError as every call of the Hub. */
export async function whoAmI(
  hubFetch: HubFetch,
  endpoint: string,
  token: string,
  signal: AbortSignal,
): Promise<{ readonly name: string | null } | null> {
  try {
    const request = { repository: null, signal, expect: "object", token } as const;
    const { text } = await hubFetch(`${endpoint}/api/whoami-v2`, request);
    return { name: Account.parse(JSON.parse(text)).name };
  } catch (error) {
    const status = isAppError(error) ? error.details?.["status"] : undefined;
    if (typeof status === "number" && unknownRoute.has(status)) return null;
    throw error;
  }
}
