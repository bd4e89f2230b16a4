import { showToast, Toast } from "@raycast/api";
import type { ServiceStatus } from "../api/check-service.ts";
import { ApiError } from "../api/errors.ts";
import { showFailure } from "../feedback/failure-toast.ts";
import { wait } from "../hooks/wait.ts";
import { StartError, startProgram } from "../program/start-program.ts";

const PATIENCE_MS = 30_000;
const LOOK_EVERY_MS = 250;

type Stopped = Extract<ServiceStatus, { kind: "stopped" }>;

/** Starts the installed service and waits until it answers. A service that ends at once shows what it said. */
export async function startService(
  { program, connection }: Stopped,
  retry: () => Promise<ServiceStatus | undefined>,
): Promise<void> {
  const toast = await showToast({ style: Toast.Style.Animated, title: "Starting service" });
  try {
    const { ended } = startProgram(program, connection);
    await Promise.race([ended, untilItAnswers(retry)]);
    await toast.hide();
  } catch (error) {
    await toast.hide();
    await showFailure("Service Did Not Start", error instanceof StartError ? withOutput(error) : error);
  }
}

async function untilItAnswers(retry: () => Promise<ServiceStatus | undefined>): Promise<void> {
  const patience = AbortSignal.timeout(PATIENCE_MS);
  while (!patience.aborted) {
    const status = await retry();
    // Undefined: the command was closed. The service goes on without it.
    if (status === undefined || (status.kind !== "stopped" && status.kind !== "unwell")) return;
    await wait(LOOK_EVERY_MS, patience);
  }
  throw new ApiError("network", "It does not answer yet. Run `mlx-manager serve` in a terminal to see why.");
}

function withOutput(error: StartError): ApiError {
  return new ApiError("network", error.message, { code: "service_ended", details: { output: error.output } });
}
