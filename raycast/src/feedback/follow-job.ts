import { showToast, Toast } from "@raycast/api";
import { bodyOf } from "../api/client.ts";
import type { Client } from "../api/client.ts";
import { ApiError } from "../api/errors.ts";
import { cancelJob } from "../api/requests.ts";
import type { Job } from "../api/schemas.ts";
import { isOver, jobProgressText } from "../format/job-text.ts";
import { wait } from "../hooks/wait.ts";
import { attempt } from "./failure-toast.ts";

const LOOK_MS = 500;

interface FollowedWork {
  client: Client;
  /** What is going on, `Probing`. */
  title: string;
  /** What it is done to. */
  subject: string;
  /** The title of a failure, `Not Probed`. */
  failure: string;
  begin(): Promise<Job>;
}

/**
 * A toast follows a job to its end and can cancel it; the job itself goes on without the toast. Answers the toast of a job
 * that succeeded, for its last words; undefined where the end was told already.
 */
export async function followJob({ client, title, subject, failure, begin }: FollowedWork): Promise<Toast | undefined> {
  const toast = await showToast({ style: Toast.Style.Animated, title, message: subject });
  const job = await attempt(failure, async () => {
    let latest = await begin();
    const { id } = latest;
    toast.primaryAction = {
      title: "Cancel",
      onAction: () => void attempt("Not Cancelled", () => cancelJob(client, id)),
    };
    while (!isOver(latest)) {
      toast.message = `${subject}: ${jobProgressText(latest)}`;
      await wait(LOOK_MS, new AbortController().signal);
      latest = await bodyOf(client.GET("/api/jobs/{id}", { params: { path: { id } } }));
    }
    if (latest.error !== null) {
      const { code, message, details } = latest.error;
      throw new ApiError("answer", message, { code, details });
    }
    return latest;
  });
  if (job === undefined) return undefined;
  if (job.state === "succeeded") return toast;
  await showToast({ style: Toast.Style.Success, title: "Cancelled", message: `${title} ${subject}` });
  return undefined;
}
