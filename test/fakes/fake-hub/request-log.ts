import type { IncomingHttpHeaders } from "node:http";

/** One request as the fake saw it. Lives from arrival on; status, bytes and outcome are filled in while it runs. */
export interface RecordedRequest {
  server: "hub" | "cdn";
  method: string;
  host: string;
  path: string;
  query: URLSearchParams;
  /** As received, `authorization` included. */
  headers: IncomingHttpHeaders;
  /** 0 until answered. */
  status: number;
  /** Body bytes handed to the socket. */
  bytesSent: number;
  /** Milliseconds since the epoch. */
  at: number;
  /** Repository and file behind the address, also on the CDN, whose paths name neither. */
  repo?: string;
  file?: string;
  outcome: "running" | "finished" | "aborted";
  /** Kinds of the faults that were applied. */
  faults: string[];
}

type Predicate = (request: RecordedRequest) => boolean;

export interface RequestLog {
  requests: RecordedRequest[];
  add(request: RecordedRequest): void;
  /** Called whenever a recorded request changes. */
  changed(request: RecordedRequest): void;
  /** Settles with the first request, past or coming, that fits; looked at again at every change (also per chunk). */
  waitForRequest(predicate: Predicate): Promise<RecordedRequest>;
  clear(): void;
  /** Rejects everybody who still waits. */
  close(): void;
}

interface Waiter {
  predicate: Predicate;
  resolve(request: RecordedRequest): void;
  reject(error: Error): void;
}

export function createRequestLog(): RequestLog {
  const requests: RecordedRequest[] = [];
  const waiters = new Set<Waiter>();
  const changed = (request: RecordedRequest): void => {
    for (const waiter of waiters) {
      if (!waiter.predicate(request)) continue;
      waiters.delete(waiter);
      waiter.resolve(request);
    }
  };
  return {
    requests,
    changed,
    add(request) {
      requests.push(request);
      changed(request);
    },
    waitForRequest(predicate) {
      const past = requests.find(predicate);
      if (past) return Promise.resolve(past);
      return new Promise((resolve, reject) => waiters.add({ predicate, resolve, reject }));
    },
    clear: () => void requests.splice(0),
    close() {
      for (const waiter of waiters) waiter.reject(new Error("The fake Hub was closed; the awaited request never came"));
      waiters.clear();
    },
  };
}
