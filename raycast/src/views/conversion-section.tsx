import { Action, ActionPanel, Icon, List } from "@raycast/api";
import { getProgressIcon } from "@raycast/utils";
import { cancelJob } from "../api/requests.ts";
import { attempt } from "../feedback/failure-toast.ts";
import { isOver, jobProgressText } from "../format/job-text.ts";
import { fraction } from "../format/percent.ts";
import type { ServiceHandle } from "../hooks/service-handle.ts";
import { jobLook } from "../palette.ts";
import { LogView } from "./log-view.tsx";

/** Models that are being made now, whoever asked for them. */
export function ConversionSection({ service }: { service: ServiceHandle }) {
  const { client, connection, state } = service;
  const jobs = state.jobs.filter((job) => job.kind === "convert" && !isOver(job));
  if (jobs.length === 0) return null;
  return (
    <List.Section title="Being Quantized">
      {jobs.map((job) => {
        const { label, color } = jobLook(job.state);
        return (
          <List.Item
            key={job.id}
            id={`job:${job.id}`}
            icon={getProgressIcon(fraction(job.done, job.total), color)}
            title={job.subject}
            subtitle={jobProgressText(job)}
            accessories={[{ tag: { value: label, color } }]}
            actions={
              <ActionPanel>
                <Action.Push
                  title="Show Log"
                  icon={Icon.Text}
                  target={<LogView title={job.subject} connection={connection} source={{ job: job.id }} />}
                />
                <Action
                  title="Cancel Quantization"
                  icon={Icon.XMarkCircle}
                  style={Action.Style.Destructive}
                  onAction={() => attempt("Not Cancelled", () => cancelJob(client, job.id))}
                />
              </ActionPanel>
            }
          />
        );
      })}
    </List.Section>
  );
}
