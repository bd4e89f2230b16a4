import type {
  Download,
  Engine,
  EventMessage,
  HubModel,
  Job,
  Model,
  Profile,
  Server,
  Settings,
  Snapshot,
} from "./schemas.ts";

/** What the service told, newest first in each list. Empty lists before the first snapshot. */
export interface LiveState {
  downloads: readonly Download[];
  servers: readonly Server[];
  models: readonly Model[];
  engines: readonly Engine[];
  jobs: readonly Job[];
  profiles: readonly Profile[];
  settings: Settings | undefined;
  /** Results whose details came after the page; by id. */
  hubModels: ReadonlyMap<string, HubModel>;
}

/** Far more than anybody pages through. */
const HUB_MODELS_KEPT = 1000;

export const EMPTY_STATE: LiveState = {
  downloads: [],
  servers: [],
  models: [],
  engines: [],
  jobs: [],
  profiles: [],
  settings: undefined,
  hubModels: new Map(),
};

/** A snapshot replaces every topic it holds: what it does not name is gone. */
export function applySnapshot(state: LiveState, snapshot: Snapshot): LiveState {
  return {
    downloads: snapshot.downloads ?? state.downloads,
    servers: snapshot.servers ?? state.servers,
    models: snapshot.models ?? state.models,
    engines: snapshot.engines ?? state.engines,
    jobs: snapshot.jobs ?? state.jobs,
    profiles: snapshot.profiles ?? state.profiles,
    settings: snapshot.settings ?? state.settings,
    hubModels: state.hubModels,
  };
}

/** The state after one event. A row keeps its place: updates must not move what the user looks at (SERVER-03). */
export function applyEvent(state: LiveState, event: EventMessage): LiveState {
  switch (event.type) {
    case "download.changed":
    case "download.progress":
      return { ...state, downloads: put(state.downloads, event.data) };
    case "engine.changed":
      return { ...state, engines: put(state.engines, event.data) };
    case "job.changed":
    case "job.progress":
      return { ...state, jobs: put(state.jobs, event.data) };
    case "profile.changed":
      return { ...state, profiles: put(state.profiles, event.data) };
    case "profile.removed":
      return { ...state, profiles: drop(state.profiles, event.data.id) };
    case "server.changed":
      return { ...state, servers: put(state.servers, event.data) };
    case "server.progress":
      return { ...state, servers: patch(state.servers, event.data.id, { phase: phaseText(event.data) }) };
    case "server.memory": {
      const { id, memory, cpuPercent } = event.data;
      return { ...state, servers: patch(state.servers, id, { memory, cpuPercent }) };
    }
    case "server.removed":
      return { ...state, servers: drop(state.servers, event.data.id) };
    case "model.removed":
      return { ...state, models: drop(state.models, event.data.id) };
    case "settings.changed":
      return { ...state, settings: event.data };
    case "hub-model.changed":
      return {
        ...state,
        hubModels: new Map([...[...state.hubModels].slice(-HUB_MODELS_KEPT), [event.data.id, event.data]]),
      };
    default:
      // A newer service may tell more than we know.
      return state;
  }
}

/** Whether an event says that the models' list has to be asked for again: it carries the id alone. */
export function concernsModels(event: EventMessage): boolean {
  return event.type === "model.changed" || event.type === "model.removed" || event.type === "settings.changed";
}

function put<Item extends { id: string }>(items: readonly Item[], item: Item): readonly Item[] {
  const index = items.findIndex(({ id }) => id === item.id);
  return index < 0 ? [item, ...items] : items.with(index, item);
}

function patch<Item extends { id: string }>(items: readonly Item[], id: string, change: Partial<Item>) {
  return items.map((item) => (item.id === id ? { ...item, ...change } : item));
}

function drop<Item extends { id: string }>(items: readonly Item[], id: string): readonly Item[] {
  return items.filter((item) => item.id !== id);
}

function phaseText({ phase, done, total }: { phase: string; done: number | null; total: number | null }): string {
  return done !== null && total ? `${phase} ${Math.floor((done / total) * 100)}%` : phase;
}
