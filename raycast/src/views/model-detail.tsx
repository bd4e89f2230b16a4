import { List } from "@raycast/api";
import { formatBytes, formatMemory, UNKNOWN } from "../format/bytes.ts";
import { formatContextLength } from "../format/context-length.ts";
import { formatCount } from "../format/count.ts";
import { fitBasis } from "../format/fit-basis.ts";
import { measuredLines } from "../format/measured-lines.ts";
import { missingText } from "../format/missing.ts";
import { jobProgressText, jobTitle } from "../format/job-text.ts";
import type { ModelEntry } from "../format/model-entries.ts";
import { formatRelativeTime } from "../format/relative-time.ts";
import { memoryText } from "../format/server-lines.ts";
import type { ExpectedState } from "../hooks/use-server-toggle.ts";
import { fitLook, serverLook } from "../palette.ts";
import { lastErrorMarkdown } from "./last-error.tsx";
import { ProfileLines } from "./profile-lines.tsx";
import { ServerLines } from "./server-lines.tsx";

const { Metadata } = List.Item.Detail;

/** The pane beside a model: its server first, then what the model is. */
export function ModelDetailPane({ entry, expected }: { entry: ModelEntry; expected: ExpectedState | undefined }) {
  const { model, server } = entry;
  const look = serverLook(expected ?? server?.state ?? "stopped");
  const fit = fitLook(model.fit.verdict);
  return (
    <List.Item.Detail
      {...(server?.state === "failed" ? { markdown: lastErrorMarkdown(server) } : {})}
      metadata={
        <Metadata>
          <Metadata.Label title="Model" text={model.id} />
          {entry.isNamed && <Metadata.Label title="Profile" text={entry.title} />}
          <Metadata.TagList title="Server">
            <Metadata.TagList.Item text={look.label} color={look.color} />
          </Metadata.TagList>
          {server !== undefined && <ServerLines server={server} />}
          {entry.profile !== undefined && <ProfileLines profile={entry.profile} />}
          {entry.jobs.map((job) => (
            <Metadata.Label key={job.id} title={jobTitle(job.kind)} text={jobProgressText(job)} />
          ))}
          {entry.probe !== undefined && <Metadata.Label title="Memory of the Probe" text={memoryText(entry.probe)} />}
          <Metadata.Separator />
          <Metadata.Label title="Size" text={formatBytes(model.sizeBytes)} />
          <Metadata.TagList title="Fits This Mac">
            <Metadata.TagList.Item text={fit.label} color={fit.color} />
          </Metadata.TagList>
          <Metadata.Label
            title={`Memory at ${formatContextLength(model.fit.contextTokens)}`}
            text={`${formatMemory(model.fit.neededBytes)} of ${formatMemory(model.fit.limitBytes)}, ${fitBasis(model.fit)}`}
          />
          <Metadata.Label title="Longest Context That Fits" text={formatContextLength(model.fit.largestContext)} />
          <Metadata.Label title="Quantization" text={model.quantization?.label ?? UNKNOWN} />
          <Metadata.Label title="Parameters" text={formatCount(model.parameters)} />
          <Metadata.Label title="Context" text={formatContextLength(model.contextLength)} />
          <Metadata.Label title="Architecture" text={model.architecture ?? UNKNOWN} />
          {model.parent !== null && <Metadata.Label title="Made From" text={model.parent.model} />}
          {model.partial !== null && <Metadata.Label title="Missing" text={missingText(model.partial)} />}
          {model.problem !== null && <Metadata.Label title="Problem" text={model.problem} />}
          {model.verifiedAt !== null && (
            <Metadata.Label title="Verified" text={formatRelativeTime(model.verifiedAt, new Date())} />
          )}
          {model.updateAvailable === true && (
            <Metadata.Label title="Update" text={`Available: ${model.latestRevision?.slice(0, 12) ?? ""}`} />
          )}
          {measuredLines(model, new Date()).map(({ title, text }) => (
            <Metadata.Label key={title} title={title} text={text} />
          ))}
          {model.demo && <Metadata.Label title="Demo" text="Tiny: answers questions about MLX Manager" />}
          {model.isDefault && <Metadata.Label title="Default" text="Answers when no model is named" />}
        </Metadata>
      }
    />
  );
}
