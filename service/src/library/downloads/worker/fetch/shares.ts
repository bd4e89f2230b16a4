/**
 * Who may open a connection. A stream brings a large file or a part of one; a small file's request is mostly waiting
 * for the answer, so it counts half.
 */
export type ConnectionKind = "stream" | "small";

export interface Held {
  readonly streams: number;
  readonly small: number;
}

export interface Capacity {
  /** All connections together. */
  readonly connections: number;
  /** As many streams as are worth it now. */
  readonly streams: number;
}

export interface Claim<Owner> {
  readonly owner: Owner;
  readonly kind: ConnectionKind;
}

/** Up to here the limit means sockets: whoever sets it low wants few of them. */
const ordinaryConnections = 8;
const mostSmall = 16;

export function weightOf(kind: ConnectionKind, connections: number): number {
  return kind === "small" && connections >= ordinaryConnections ? 0.5 : 1;
}

export function loadOf({ streams, small }: Held, connections: number): number {
  return streams + small * weightOf("small", connections);
}

/**
 * The claim to be granted next; null: none fits. Whoever holds least comes first, then whoever asked first. A claim
 * that only lacks room holds up those behind it, or it would wait for ever behind smaller ones.
 */
export function nextClaim<Owner>(
  claims: readonly Claim<Owner>[],
  held: ReadonlyMap<Owner, Held>,
  capacity: Capacity,
): Claim<Owner> | null {
  const { connections } = capacity;
  const loadOfOwner = (owner: Owner) => loadOf(held.get(owner) ?? none, connections);
  const used = [...held.values()].reduce((sum, one) => sum + loadOf(one, connections), 0);
  const total = sumOf(held);
  const owners = new Set([...held].filter(([, { streams }]) => streams > 0).map(([owner]) => owner));
  for (const { owner, kind } of claims) if (kind === "stream") owners.add(owner);
  // One stream for every download, even where more of them bring nothing: none of them is to stand still.
  const streams = Math.max(capacity.streams, owners.size);
  const inOrder = [...claims].sort((a, b) => loadOfOwner(a.owner) - loadOfOwner(b.owner));
  for (const claim of inOrder) {
    if (claim.kind === "stream" && total.streams >= streams) continue;
    if (claim.kind === "small" && total.small >= mostSmall) continue;
    return used + weightOf(claim.kind, connections) <= connections ? claim : null;
  }
  return null;
}

/**
 * Whether one of `owner`'s streams is to make room at the next good moment.
 * @param heldMs how long the stream has had its connection.
 */
export function isOver<Owner>(
  owner: Owner,
  heldMs: number,
  claims: readonly Claim<Owner>[],
  held: ReadonlyMap<Owner, Held>,
  capacity: Capacity,
): boolean {
  const { connections } = capacity;
  const used = [...held.values()].reduce((sum, one) => sum + loadOf(one, connections), 0);
  if (used > connections) return true;
  const owners = [...held.values()].filter(({ streams }) => streams > 0).length;
  if (sumOf(held).streams > Math.max(capacity.streams, owners)) return true;
  const own = loadOf(held.get(owner) ?? none, connections);
  return claims.some((claim) => {
    if (claim.owner === owner) return false;
    const lead = own - loadOf(held.get(claim.owner) ?? none, connections);
    if (lead <= 0) return false;
    // With one of two to share it goes to and fro, but not at every segment.
    return lead >= 2 || heldMs >= turnMs;
  });
}

const none: Held = { streams: 0, small: 0 };
const turnMs = 2000;

function sumOf(held: ReadonlyMap<unknown, Held>): Held {
  return [...held.values()].reduce(
    (sum, { streams, small }) => ({ streams: sum.streams + streams, small: sum.small + small }),
    none,
  );
}
