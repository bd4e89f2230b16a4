import { Action, Icon, showToast, Toast } from "@raycast/api";
import type { Client } from "../api/client.ts";
import { cancelJob, fetchModel, probeModel } from "../api/requests.ts";
import type { Job, Model } from "../api/schemas.ts";
import { attempt } from "../feedback/failure-toast.ts";
import { followJob } from "../feedback/follow-job.ts";
import { jobTitle } from "../format/job-text.ts";
import { measuredSummary } from "../format/measured-lines.ts";

/** Runs the model once and records what it does; while that lasts, the way to end it. */
export function ProbeModel({ model, jobs, client }: { model: Model; jobs: readonly Job[]; client: Client }) {
  return (
    <>
      {!jobs.some(({ kind }) => kind === "probe") && (
        <Action title="Probe Model" icon={Icon.Gauge} onAction={() => probe(client, model.id)} />
      )}
      {jobs.map(({ id, kind }) => (
        <Action
          key={id}
          title={`Stop ${jobTitle(kind)}`}
          icon={Icon.XMarkCircle}
          onAction={() => attempt("Not Cancelled", () => cancelJob(client, id))}
        />
      ))}
    </>
  );
}

async function probe(client: Client, model: string): Promise<void> {
  const begin = () => probeModel(client, model);
  const toast = await followJob({ client, title: "Probing", subject: model, failure: "Not Probed", begin });
  if (toast === undefined) return;
  const probed = await attempt("Figures Not Read", () => fetchModel(client, model));
  if (probed === undefined) return;
  const message = measuredSummary(probed.measured);
  await showToast({ style: Toast.Style.Success, title: "Model probed", message });
}
