import type { HubFacts } from "./hub-facts.ts";
import type { KnownModel, ModelDetails } from "./store.ts";

/** The details, if they are of the commit that was seen last: others would tell of files that are no more. */
export function currentDetails({ listing, listedAt, details, detailedAt }: KnownModel): ModelDetails | null {
  if (details === null || listing === null || listedAt === null || detailedAt === null) return details;
  return detailedAt >= listedAt || listing.commit === null || listing.commit === details.commit ? details : null;
}

/** The best that is known: exact where the details are current, counts of readers from whichever is newer. */
export function bestFacts(known: KnownModel): HubFacts | null {
  const details = currentDetails(known);
  const { listing, listedAt, detailedAt } = known;
  if (details === null) return listing;
  if (listing === null) return details.facts;
  const newer = (listedAt ?? "") > (detailedAt ?? "") ? listing : details.facts;
  const { downloads, likes, gated } = newer;
  // Only lists carry it.
  return { ...details.facts, downloads, likes, gated, private: newer.private, trending: listing.trending };
}
