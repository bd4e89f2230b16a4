import type { MachineMemory } from "../../contract/system.ts";
import type { Server } from "../../contract/servers.ts";
import { metricsText } from "./metrics-text.ts";
import type { Family, Sample } from "./metrics-text.ts";
import type { RequestRow } from "./request-row.ts";

/** Figures of all requests since the start, for Prometheus, which expects counters to begin anew then. */
export interface RequestMetrics {
  count(row: RequestRow): void;
  text(now: PresentFigures): string;
}

/** What is read at the moment of asking. */
export interface PresentFigures {
  readonly version: string;
  readonly servers: readonly Pick<Server, "profile" | "model" | "state" | "memory" | "inFlight" | "waiting">[];
  readonly memory: Pick<MachineMemory, "totalBytes" | "limitBytes" | "availableBytes">;
  readonly processBytes: number;
}

/** Upper bounds, in seconds: from a warm small model to a long prefill of a large one. */
const firstTokenBounds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];

/** Models come and go over months; more of them are counted together. What clients write is never a label. */
const mostModels = 200;

const tokenKinds = { input: "inputTokens", output: "outputTokens", cached: "cachedTokens" } as const;

export function createRequestMetrics(): RequestMetrics {
  const models = new Set<string>();
  const requests = new Map<string, Sample>();
  const tokens = new Map<string, Sample>();
  const firstTokens = new Map<string, { counts: number[]; sum: number }>();

  const nameOf = (model: string | null): string => {
    if (model === null) return "none";
    if (models.size >= mostModels && !models.has(model)) return "other";
    models.add(model);
    return model;
  };
  const add = (series: Map<string, Sample>, labels: Record<string, string>, by: number): void => {
    const key = Object.values(labels).join("\n");
    series.set(key, { labels, value: (series.get(key)?.value ?? 0) + by });
  };

  return {
    count(row) {
      const model = nameOf(row.model);
      add(requests, { model, protocol: row.protocol, status: String(row.status) }, 1);
      for (const [kind, field] of Object.entries(tokenKinds)) {
        const value = row[field];
        if (value !== null && value > 0) add(tokens, { model, kind }, value);
      }
      if (row.firstTokenMs === null) return;
      const seconds = row.firstTokenMs / 1000;
      const histogram = firstTokens.get(model) ?? { counts: firstTokenBounds.map(() => 0).concat(0), sum: 0 };
      const at = firstTokenBounds.findIndex((bound) => seconds <= bound);
      const bucket = at === -1 ? firstTokenBounds.length : at;
      histogram.counts[bucket] = (histogram.counts[bucket] ?? 0) + 1;
      histogram.sum += seconds;
      firstTokens.set(model, histogram);
    },
    text: (now) =>
      metricsText([
        family("requests_total", "counter", "Requests that ended.", [...requests.values()]),
        family("tokens_total", "counter", "Tokens, as engines counted them.", [...tokens.values()]),
        family(
          "first_token_seconds",
          "histogram",
          "From a request's arrival to its first token.",
          [...firstTokens].flatMap(([model, { counts, sum }]) => histogramSamples({ model }, counts, sum)),
        ),
        ...presentFamilies(now),
      ]),
  };
}

function family(name: string, type: Family["type"], help: string, samples: readonly Sample[]): Family {
  return { name: `mlx_manager_${name}`, type, help, samples };
}

function histogramSamples(labels: Record<string, string>, counts: readonly number[], sum: number): Sample[] {
  let total = 0;
  const buckets = counts.map((count, index): Sample => {
    total += count;
    const le = firstTokenBounds[index]?.toString() ?? "+Inf";
    return { suffix: "_bucket", labels: { ...labels, le }, value: total };
  });
  return [...buckets, { suffix: "_sum", labels, value: sum }, { suffix: "_count", labels, value: total }];
}

function presentFamilies({ version, servers, memory, processBytes }: PresentFigures): Family[] {
  const states = new Map<string, number>();
  for (const { state } of servers) states.set(state, (states.get(state) ?? 0) + 1);
  const each = (value: (server: (typeof servers)[number]) => number | undefined): Sample[] =>
    servers.flatMap((server) => {
      const found = value(server);
      return found === undefined ? [] : [{ labels: { profile: server.profile, model: server.model }, value: found }];
    });
  const machine = { total: memory.totalBytes, limit: memory.limitBytes, available: memory.availableBytes };
  return [
    family("build_info", "gauge", "The version that runs.", [{ labels: { version }, value: 1 }]),
    family(
      "servers",
      "gauge",
      "Servers that are not over, by their state.",
      [...states].map(([state, value]) => ({ labels: { state }, value })),
    ),
    family(
      "server_memory_bytes",
      "gauge",
      "Memory of a server's processes.",
      each((one) => one.memory?.footprintBytes),
    ),
    family(
      "requests_in_flight",
      "gauge",
      "Requests that a server is answering.",
      each((one) => one.inFlight),
    ),
    family(
      "requests_waiting",
      "gauge",
      "Requests that wait for a place at a server.",
      each((one) => one.waiting),
    ),
    family(
      "machine_memory_bytes",
      "gauge",
      "The machine's memory: all, what models may take, what is free now.",
      Object.entries(machine).map(([kind, value]) => ({ labels: { kind }, value })),
    ),
    family("process_resident_bytes", "gauge", "Memory of the service itself.", [{ labels: {}, value: processBytes }]),
  ];
}
