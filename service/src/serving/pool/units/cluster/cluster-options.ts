import type { ProfileCluster } from "../../../../contract/profile-kinds.ts";
import type { LaunchCommand } from "../../../cluster/index.ts";
import type { ProcessUnitOptions } from "../process/process-unit.ts";

export interface ClusterUnitOptions extends ProcessUnitOptions {
  readonly serverId: string;
  readonly cluster: ProfileCluster;
  readonly launch: LaunchCommand;
  /** What keeps the model or a host from taking part; looked up before anything is started. Empty: nothing. */
  readonly preflight: (signal: AbortSignal) => Promise<readonly string[]>;
  /** Ends what the run left on other hosts. @returns the names of those where it could not. */
  readonly endSurvivors: () => Promise<readonly string[]>;
}
