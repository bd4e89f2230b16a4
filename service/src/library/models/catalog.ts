import { decodeCursor, encodeCursor } from "../../platform/database/page.ts";
import type { Page } from "../../platform/database/page.ts";
import type { LocalModel } from "./local-model.ts";

export interface ModelFilter {
  readonly query?: string | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** The models in memory, newest first; rebuilt in order only after a change, so that a list of thousands costs little. */
export interface Catalog {
  get(id: string): LocalModel | null;
  all(): LocalModel[];
  list(filter: ModelFilter): Page<LocalModel>;
  set(model: LocalModel): void;
  delete(id: string): void;
}

export function createCatalog(): Catalog {
  const models = new Map<string, LocalModel>();
  let sorted: LocalModel[] | null = null;
  const all = () => (sorted ??= [...models.values()].sort(newestFirst));
  return {
    get: (id) => models.get(id) ?? null,
    all: () => [...all()],
    list({ query, limit, cursor }) {
      const after = decodeCursor(cursor);
      const words = (query ?? "").toLowerCase().split(/\s+/).filter(Boolean);
      const items: LocalModel[] = [];
      for (const model of all()) {
        if (after && newestFirst(model, { addedAt: after.time, id: after.id }) <= 0) continue;
        if (!isFound(model, words)) continue;
        if (items.length === limit) {
          const { addedAt, id } = items[limit - 1] as LocalModel;
          return { items, nextCursor: encodeCursor({ time: addedAt, id }) };
        }
        items.push(model);
      }
      return { items, nextCursor: null };
    },
    set(model) {
      models.set(model.id, model);
      sorted = null;
    },
    delete(id) {
      models.delete(id);
      sorted = null;
    },
  };
}

/** Every word must be in the id, the architecture, the quantization or a capability. */
export function isFound({ id, facts }: LocalModel, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const text = [id, facts.architecture, facts.quantization?.label, ...facts.capabilities].join(" ").toLowerCase();
  return words.every((word) => text.includes(word));
}

function newestFirst(a: { addedAt: string; id: string }, b: { addedAt: string; id: string }): number {
  if (a.addedAt !== b.addedAt) return a.addedAt < b.addedAt ? 1 : -1;
  return a.id < b.id ? 1 : a.id > b.id ? -1 : 0;
}
