import type { Placement } from "../../../../contract/profile-kinds.ts";
import type { Profile } from "../../../../contract/profiles.ts";
import { AppError } from "../../../../platform/errors.ts";
import { checkHosts, createHostShell, isThisMachine, placementOf, readSplitFacts } from "../../../cluster/index.ts";
import { childEnvironment } from "../child-environment.ts";
import type { PlacementWish, PoolDependencies } from "../../pool.ts";

/**
 * What each host of a cluster would hold, before anything is started.
 * @throws AppError `invalid_request` for a profile that is no cluster, and what the library says of its model.
 */
export async function placeCluster(
  profile: Profile,
  { preflight, signal }: PlacementWish,
  dependencies: PoolDependencies,
): Promise<Placement> {
  const { cluster } = profile;
  if (cluster === null)
    throw new AppError("invalid_request", "This profile is no cluster. Give it the kind `cluster` and hosts.");
  const { models, engines, machine, settings, forecast, clusterTools } = dependencies;
  const location = models.locate(profile.model, profile.revision);
  const { source, parts } = forecast({ ...profile, kind: "process", cluster: null }, location);
  const shell =
    clusterTools?.shell ??
    createHostShell({ environment: childEnvironment(dependencies.childEnvironment, "placement") });
  const places = async () => {
    const { python, launcher } = await engines.ensureInstalled(profile.engine, signal);
    return { python, launcher, modelPath: location.path };
  };
  const isAsked = preflight && !cluster.hosts.every(isThisMachine);
  return placementOf({
    cluster,
    facts: await readSplitFacts(location.path),
    whole: source === "unknown" ? null : parts,
    // What the forecast counts with: one conversation unless the profile names more, no longer than the model's.
    contextTokens: Math.min(
      profile.limits.contextTokens ?? settings.values().fitContextTokens,
      location.facts.contextLength ?? Number.MAX_SAFE_INTEGER,
    ),
    concurrency: profile.limits.concurrency ?? 1,
    reports: isAsked ? await checkHosts(cluster, await places(), shell) : [],
    ownLimitBytes: machine.memory().limitBytes,
  });
}
