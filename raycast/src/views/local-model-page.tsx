import { Action, ActionPanel, Detail, Icon, Keyboard } from "@raycast/api";
import { usePromise } from "@raycast/utils";
import { useRef } from "react";
import type { Client } from "../api/client.ts";
import { fetchModel } from "../api/requests.ts";
import type { Model } from "../api/schemas.ts";
import { formatBytes, formatMemory, UNKNOWN } from "../format/bytes.ts";
import { formatContextLength } from "../format/context-length.ts";
import { formatCount } from "../format/count.ts";
import { fitBasis } from "../format/fit-basis.ts";
import { measuredLines, memoryTable } from "../format/measured-lines.ts";
import { fitLook } from "../palette.ts";

/** A page of a model on this Mac: what was measured of it, marked so, beside what is predicted. */
export function LocalModelPage({ model: known, client }: { model: Model; client: Client }) {
  const abortable = useRef<AbortController>(null);
  const { data, isLoading, revalidate } = usePromise(
    (id: string) => fetchModel(client, id, abortable.current?.signal),
    [known.id],
    // What was known when the page was opened stays on screen.
    { abortable, onError: () => undefined },
  );
  const model = data ?? known;
  const fit = fitLook(model.fit.verdict);
  return (
    <Detail
      isLoading={isLoading}
      navigationTitle={model.id}
      markdown={pageMarkdown(model)}
      metadata={
        <Detail.Metadata>
          <Detail.Metadata.TagList title="Fits This Mac">
            <Detail.Metadata.TagList.Item text={fit.label} color={fit.color} />
          </Detail.Metadata.TagList>
          <Detail.Metadata.Label
            title={`Memory at ${formatContextLength(model.fit.contextTokens)}`}
            text={`${formatMemory(model.fit.neededBytes)} of ${formatMemory(model.fit.limitBytes)}, ${fitBasis(model.fit)}`}
          />
          <Detail.Metadata.Label title="Size" text={formatBytes(model.sizeBytes)} />
          <Detail.Metadata.Label title="Quantization" text={model.quantization?.label ?? UNKNOWN} />
          <Detail.Metadata.Label title="Parameters" text={formatCount(model.parameters)} />
          <Detail.Metadata.Label title="Context" text={formatContextLength(model.contextLength)} />
          <Detail.Metadata.Label title="Engines" text={model.engines.join(", ") || UNKNOWN} />
          <Detail.Metadata.Label title="Declares" text={model.capabilities.join(", ") || UNKNOWN} />
          {model.parent !== null && <Detail.Metadata.Label title="Made From" text={model.parent.model} />}
          <Detail.Metadata.Separator />
          {measuredLines(model, new Date()).map(({ title, text }) => (
            <Detail.Metadata.Label key={title} title={title} text={text} />
          ))}
        </Detail.Metadata>
      }
      actions={
        <ActionPanel>
          <Action.CopyToClipboard
            title="Copy Model Name"
            icon={Icon.CopyClipboard}
            content={model.id}
            shortcut={Keyboard.Shortcut.Common.CopyName}
          />
          <Action
            title="Refresh"
            icon={Icon.ArrowClockwise}
            shortcut={Keyboard.Shortcut.Common.Refresh}
            onAction={() => void revalidate()}
          />
        </ActionPanel>
      }
    />
  );
}

function pageMarkdown({ id, fit, measured, parent, problem }: Model): string {
  const told = [
    problem,
    parent === null ? null : `Made on this Mac from ${parent.model}.`,
    measured === null ? "Nothing of it is measured yet. **Probe Model** runs it once and records what it does." : null,
  ];
  return [`# ${id}`, ...told, `## Memory\n\n${memoryTable([fit], measured)}`]
    .filter((part) => part !== null)
    .join("\n\n");
}
