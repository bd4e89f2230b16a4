import { isAppError } from "../../platform/errors.ts";
import type { Hub, RepositoryDetails } from "../hub/index.ts";
import { parseObject } from "../models/index.ts";
import { detailedFacts } from "./hub-facts.ts";
import type { ModelDetails } from "./store.ts";

export interface FetchedDetails {
  readonly details: ModelDetails;
  readonly quota: RepositoryDetails["quota"];
}

const configLimitBytes = 1024 * 1024;

/**
 * A model's page: one request for the repository with its sizes, one for the whole `config.json`, of which the Hub's
 * index keeps too little to tell context and memory.
 * @param revision null = `main`.
 */
export async function fetchDetails(
  hub: Hub,
  id: string,
  revision: string | null,
  signal: AbortSignal,
): Promise<FetchedDetails> {
  const repository = await hub.details(id, revision, signal);
  const facts = detailedFacts(repository, await configOf(hub, repository, signal));
  const { sha, sizes, tags, quota } = repository;
  return {
    details: { facts, commit: sha, files: sizes, tags: [...tags], licenseUrl: licenseUrl(repository, hub.endpoint) },
    quota,
  };
}

/** A gated one is refused: then the Hub's index must do. */
async function configOf(hub: Hub, { id, sha, sizes }: RepositoryDetails, signal: AbortSignal) {
  const file = sizes.find(({ path }) => path === "config.json");
  if (!file || file.sizeBytes > configLimitBytes) return null;
  try {
    return parseObject(await hub.text(id, sha, "config.json", signal));
  } catch (error) {
    if (isAppError(error) && (error.code === "gated_no_token" || error.code === "gated_not_accepted")) return null;
    throw error;
  }
}

/** Where the license can be read: the card's own link, the file in the repository, or the Hub's page of a known one. */
function licenseUrl({ id, licenseLink, license, sizes }: RepositoryDetails, endpoint: string): string | null {
  const page = `${endpoint}/${id.startsWith("_/") ? id.slice(2) : id}`;
  if (licenseLink !== null && /^https:\/\/[^\s]+$/.test(licenseLink)) return licenseLink;
  const file = sizes.find(({ path }) => /^licen[cs]e(\.(md|txt))?$/i.test(path));
  if (file) return `${page}/blob/main/${encodeURIComponent(file.path)}`;
  return license === null || license === "other" || license === "unknown"
    ? null
    : `https://choosealicense.com/licenses/${encodeURIComponent(license)}/`;
}
