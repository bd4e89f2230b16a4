import type { LocalEngineId } from "../contract/engines.ts";
import type { Job } from "../contract/jobs.ts";
import type { Client } from "./api/client.ts";
import { followEvents } from "./api/follow-events.ts";
import { CommandError, interruptedError } from "./command-error.ts";
import { formatBytes } from "./format/size.ts";
import type { Runtime } from "./runtime.ts";

/** Runs an engine's job to its end, as `runJob` does. */
export function runEngineJob(
  runtime: Runtime,
  client: Client,
  route: "installEngine" | "updateEngine" | "removeEngine",
  engine: LocalEngineId,
): Promise<Job> {
  return runJob(runtime, client, async () => (await client.call(route, { params: { id: engine } })).job);
}

/**
 * Starts a job, or joins the one under way, and waits for its end. Ctrl-C cancels what this command began and only
 * leaves what it joined.
 * @throws CommandError with the job's reason
 */
export async function runJob(
  { terminal, interrupts, isJson }: Runtime,
  client: Client,
  begin: () => Promise<Job>,
): Promise<Job> {
  const following = new AbortController();
  let job: Job | null = null;
  let isJoined = false;
  let isInterrupted = false;
  const release = interrupts.listen(() => {
    if (isInterrupted || job === null || isJoined) return following.abort();
    isInterrupted = true;
    client.call("cancelJob", { params: { id: job.id } }).catch((error: unknown) => following.abort(error));
  });
  const show = createJobDisplay(terminal, isJson());
  try {
    for await (const event of followEvents(client, ["jobs"], following.signal)) {
      if (event.type === "snapshot") {
        const active = new Set(event.data.jobs?.map(({ id }) => id));
        job = await begin();
        isJoined = active.has(job.id);
      } else if ((event.type === "job.changed" || event.type === "job.progress") && event.data.id === job?.id) {
        job = event.data;
      }
      if (job === null) continue;
      if (job.state === "succeeded") return job;
      throwIfOver(job, isInterrupted);
      show(job);
    }
    const reason: unknown = following.signal.reason;
    if (reason instanceof CommandError) throw reason;
    throw interruptedError(job === null ? "Stopped." : `It goes on. Follow it: mlx-manager logs -f ${job.id}`);
  } finally {
    release();
    following.abort();
    terminal.status("");
  }
}

function throwIfOver({ state, error, id }: Job, isInterrupted: boolean): void {
  if (state === "cancelled") {
    if (isInterrupted) throw interruptedError("Cancelled; nothing was changed.");
    throw new CommandError("conflict", "The job was cancelled elsewhere.");
  }
  if (state !== "failed") return;
  const message = `${error?.message ?? "The job failed."} Log: mlx-manager logs ${id}`;
  throw new CommandError(error?.code ?? "internal", message, { details: error?.details });
}

function createJobDisplay(terminal: Runtime["terminal"], isSilent: boolean): (job: Job) => void {
  let last = "";
  return (job) => {
    const phase = job.phase ?? "";
    // What was published before our own call was answered is older than the answer: states may come twice.
    if (isSilent || phase === "") return;
    if (terminal.hasStatusLine) terminal.status(`${phase}${amount(job)} …`.slice(0, terminal.statusColumns - 1));
    else if (phase !== last) terminal.note(phase);
    last = phase;
  };
}

function amount({ done, total, unit }: Job): string {
  if (done === null) return "";
  const text = (value: number): string => (unit === "bytes" ? formatBytes(value) : String(value));
  const of = total === null ? text(done) : `${text(done)} of ${text(total)}`;
  return unit === null || unit === "bytes" ? `, ${of}` : `, ${of} ${unit}`;
}
