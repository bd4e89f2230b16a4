import type { FaultSwitches } from "./faults.ts";
import type { RateLimiter } from "./rate-limits.ts";
import type { Account } from "./repo-definition.ts";
import type { RequestLog } from "./request-log.ts";
import type { Repository } from "./repository.ts";
import type { SignedUrls } from "./signed-urls.ts";

/** Entries per page of the lists. */
export interface PageSizes {
  models: number;
  tree: number;
  treeExpanded: number;
}

/** All that one running fake knows; owned by `startFakeHub`. */
export interface HubState {
  url(): string;
  cdnUrl(): string;
  repositories: Map<string, Repository>;
  /** Token → account. */
  tokens: Map<string, Account>;
  faults: FaultSwitches;
  log: RequestLog;
  signedUrls: SignedUrls;
  rateLimits: RateLimiter;
  pageSizes: PageSizes;
  now(): number;
}
