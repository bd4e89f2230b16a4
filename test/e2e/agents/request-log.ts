import type { RequestEntry } from "../../../service/src/contract/requests.ts";
import { serviceApi } from "../../tools/service-api.ts";

export interface RequestLog {
  /** The rows of a named key, as soon as there are so many of them. */
  rowsOf(keyId: string, count: number): Promise<readonly RequestEntry[]>;
}

/** Follows a service's request log from now on, until the service ends. */
export async function followRequestLog(address: string, key: string): Promise<RequestLog> {
  const rows: RequestEntry[] = [];
  const waiting = new Set<() => void>();
  await new Promise<void>((resolve) => {
    const ended = serviceApi(address, { authorization: `Bearer ${key}` }).until("requests", ({ snapshot, event }) => {
      if (snapshot) resolve();
      if (event?.type === "request.finished") {
        rows.push(event.data);
        for (const look of [...waiting]) look();
      }
      return null;
    });
    // It ends with the service, which is how every test of it closes.
    ended.catch(() => undefined);
  });
  return {
    rowsOf: (keyId, count) =>
      new Promise((resolve) => {
        const look = (): void => {
          const own = rows.filter((row) => row.keyId === keyId);
          if (own.length < count) return;
          waiting.delete(look);
          resolve(own);
        };
        waiting.add(look);
        look();
      }),
  };
}
