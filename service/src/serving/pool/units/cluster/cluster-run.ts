import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AppError } from "../../../../platform/errors.ts";
import { controlAddress, findFreePorts, hostfileOf, portsNeeded } from "../../../cluster/index.ts";
import { serverMark } from "../child-environment.ts";
import type { ClusterUnitOptions } from "./cluster-options.ts";
import type { ControlMessage, ControlMessageOf } from "../process/control-messages.ts";
import { startEngineProcess } from "../process/engine-process.ts";
import type { EngineProcess } from "../process/engine-process.ts";
import { openRankListener } from "./rank-listener.ts";

export interface ClusterRunEvents {
  joined(rank: number): void;
  message(rank: number, message: ControlMessage): void;
  /** The control stream of a rank ended. */
  closed(rank: number): void;
  headFatal(report: ControlMessageOf<"fatal">): void;
  broken(reason: string): void;
}

/** The processes of one run: the head here with the ranks in its group, the ranks on other hosts. */
export interface ClusterRun {
  readonly head: EngineProcess;
  /** SIGKILL here; other hosts by the end of their control streams. */
  kill(): void;
  /**
   * Asks everything to stop and waits until nothing is left on any host.
   * @throws AppError `engine_failed` that names where something is left.
   */
  shutDown(): Promise<void>;
}

/** A process that outlives SIGKILL hangs in the kernel; after this we say so instead of waiting on. */
const unkillableMs = 30_000;

export async function startClusterRun(options: ClusterUnitOptions, events: ClusterRunEvents): Promise<ClusterRun> {
  const { cluster, clock, log, serverId } = options;
  const runFolder = await mkdtemp(join(tmpdir(), "mlx-manager-cluster-"));
  let secret: string | null = null;
  let isOver = false;
  const listener = await openRankListener({
    ...{ address: controlAddress(cluster), ranks: cluster.hosts.length, secret: () => secret, clock, log },
    joined: events.joined,
    message: events.message,
    closed: (rank) => void (isOver || events.closed(rank)),
  }).catch(async (error: unknown) => {
    await rm(runFolder, { recursive: true, force: true });
    const text = `The first host's address ${controlAddress(cluster)} is none of this machine. Correct its ips.`;
    throw new AppError("engine_failed", text, { cause: error });
  });
  const close = async (): Promise<void> => {
    isOver = true;
    listener.close();
    await rm(runFolder, { recursive: true, force: true });
  };
  try {
    const hostfile = join(runFolder, "hosts.json");
    await writeFile(hostfile, hostfileOf(cluster), { mode: 0o600 });
    const command = options.launch({
      ...{ cluster, single: options.command, runFolder, hostfile, control: listener.address },
      startingPort: cluster.startingPort ?? (await findFreePorts(portsNeeded(cluster))),
      environment: { [serverMark]: serverId },
    });
    const head = await startEngineProcess({
      ...options,
      command,
      control: {
        message(message) {
          if (message.type === "hello") secret = message.token;
          if (message.type === "fatal") events.headFatal(message);
        },
        skipped: (reason) => log.warn({ reason }, "control message of a cluster's head skipped"),
        broken: events.broken,
      },
    });
    const kill = (): void => {
      isOver = true;
      head.kill();
      listener.close();
    };
    const shutDown = async (): Promise<void> => {
      isOver = true;
      listener.askToStop();
      head.askToStop();
      const isGone = await head.gone(unkillableMs);
      await close();
      const left = await options.endSurvivors();
      if (!isGone)
        throw new AppError(
          "engine_failed",
          `The cluster's process ${head.pid} could not be ended. Restart the machine.`,
        );
      if (left.length > 0) {
        const text = `Ranks of the cluster may still run on ${left.join(", ")}. End them there.`;
        throw new AppError("engine_failed", text, { details: { hosts: left } });
      }
    };
    return { head, kill, shutDown };
  } catch (error) {
    await close();
    throw error;
  }
}
