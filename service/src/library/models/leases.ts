/** Who uses which model. While one holds it, its files stay. */
export interface Leases {
  take(id: string, revision: string, reason: string): () => void;
  /** Reasons of all who hold the model, each once. */
  reasons(id: string): string[];
}

export function createLeases(): Leases {
  const held = new Map<string, Set<{ revision: string; reason: string }>>();
  return {
    take(id, revision, reason) {
      const lease = { revision, reason };
      const own = held.get(id) ?? new Set();
      held.set(id, own.add(lease));
      return () => {
        own.delete(lease);
        if (own.size === 0 && held.get(id) === own) held.delete(id);
      };
    },
    reasons: (id) => [...new Set([...(held.get(id) ?? [])].map(({ reason }) => reason))],
  };
}
