interface Lease {
  readonly revision: string;
  readonly reason: string;
}

/** Who uses which revision of which model. While one holds it, its files stay. */
export interface Leases {
  take(id: string, revision: string, reason: string): () => void;
  /** Reasons of all who hold the model, or of it what `fits`, each once. */
  reasons(id: string, fits?: (revision: string) => boolean): string[];
}

export function createLeases(): Leases {
  const held = new Map<string, Set<Lease>>();
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
    reasons(id, fits = () => true) {
      const leases = [...(held.get(id) ?? [])].filter(({ revision }) => fits(revision));
      return [...new Set(leases.map(({ reason }) => reason))];
    },
  };
}
