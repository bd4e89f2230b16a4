import { ActionPanel, Detail } from "@raycast/api";
import { usePromise } from "@raycast/utils";
import { SearchActions } from "../actions/search-actions.tsx";
import { fetchModel } from "../api/requests.ts";
import type { HubModel, HubModelDetail, Measurement } from "../api/schemas.ts";
import { formatBytes, formatMemory, UNKNOWN } from "../format/bytes.ts";
import { formatContextLength } from "../format/context-length.ts";
import { formatCount } from "../format/count.ts";
import { fitBasis } from "../format/fit-basis.ts";
import { measuredLines, memoryTable } from "../format/measured-lines.ts";
import { formatModelSize } from "../format/model-size.ts";
import type { ServiceHandle } from "../hooks/service-handle.ts";
import { useModelDetail } from "../hooks/use-model-detail.ts";
import { fitLook } from "../palette.ts";

interface Props {
  model: HubModel;
  isHere: boolean;
  service: ServiceHandle;
}

/** A model's own page: its card, what it takes at each context, its files. */
export function ModelPage({ model, isHere, service }: Props) {
  const { detail, isLoading, error } = useModelDetail(service.client, model.id);
  const facts = detail ?? model;
  const fit = fitLook(facts.fit.verdict);
  const { data: local } = usePromise(fetchModel, [service.client, model.id], {
    execute: isHere,
    onError: () => undefined,
  });
  const measured = local?.measured ?? null;
  return (
    <Detail
      isLoading={isLoading || (detail === undefined && error === undefined)}
      navigationTitle={model.id}
      markdown={error === undefined ? pageMarkdown(model.id, detail, measured) : `# ${model.id}\n\n${error}`}
      metadata={
        <Detail.Metadata>
          <Detail.Metadata.TagList title="Fits This Mac">
            <Detail.Metadata.TagList.Item text={fit.label} color={fit.color} />
          </Detail.Metadata.TagList>
          <Detail.Metadata.Label
            title="Memory Needed"
            text={`${formatMemory(facts.fit.neededBytes)} of ${formatMemory(facts.fit.limitBytes)}, ${fitBasis(facts.fit)}`}
          />
          <Detail.Metadata.Label
            title="Longest Context That Fits"
            text={formatContextLength(facts.fit.largestContext)}
          />
          <Detail.Metadata.Label title="Download" text={formatModelSize(facts)} />
          <Detail.Metadata.Separator />
          <Detail.Metadata.Label title="Quantization" text={quantizationText(facts)} />
          <Detail.Metadata.Label title="Parameters" text={formatCount(facts.parameters)} />
          <Detail.Metadata.Label title="Architecture" text={facts.architecture ?? UNKNOWN} />
          <Detail.Metadata.Label title="Engine" text={engineText(facts)} />
          {facts.baseModel !== null && <Detail.Metadata.Label title="Made From" text={facts.baseModel} />}
          <Detail.Metadata.Label title="License" text={facts.license ?? UNKNOWN} />
          {detail !== undefined && detail.licenseUrl !== null && detail.gated !== "no" && (
            <Detail.Metadata.Link title="Gated" target={detail.licenseUrl} text="Accept the license" />
          )}
          {local !== undefined &&
            measuredLines(local, new Date()).map(({ title, text }) => (
              <Detail.Metadata.Label key={title} title={title} text={text} />
            ))}
          {detail?.localRevisions.map(({ revision, complete, sizeBytes }) => (
            <Detail.Metadata.Label
              key={revision}
              title={complete ? "On This Mac" : "Partly on This Mac"}
              text={`${revision.slice(0, 12)}, ${formatBytes(sizeBytes)}`}
            />
          ))}
        </Detail.Metadata>
      }
      actions={
        <ActionPanel>
          <SearchActions model={model} isHere={isHere} service={service} isOnPage />
        </ActionPanel>
      }
    />
  );
}

/** `4-bit, 4.5 effective`; what stands in the files beside what is stored for each weight in the end. */
export function quantizationText({ quantization }: HubModel): string {
  if (quantization === null) return UNKNOWN;
  const { label, effectiveBits, bits } = quantization;
  return effectiveBits === null || effectiveBits === bits ? label : `${label}, ${effectiveBits.toFixed(1)} effective`;
}

function engineText({ supported, engines }: HubModel): string {
  if (supported === null) return UNKNOWN;
  return supported ? engines.join(", ") : "None runs this architecture";
}

function pageMarkdown(id: string, detail: HubModelDetail | undefined, measured: Measurement | null): string {
  if (detail === undefined) return `# ${id}`;
  return [
    memoryTable(detail.fitTable, measured),
    detail.card ?? `# ${id}\n\nThis model has no card.`,
    filesMarkdown(detail),
  ]
    .filter((part) => part !== "")
    .join("\n\n---\n\n");
}

/** More rows than these would only slow the page down. */
const FILES_SHOWN = 40;

function filesMarkdown({ files, totalBytes }: HubModelDetail): string {
  const rows = files
    .slice(0, FILES_SHOWN)
    .map(
      ({ path, sizeBytes, here, needed }) =>
        `| \`${path.replaceAll("|", "\\|")}\` | ${formatBytes(sizeBytes)} | ${here ? "on this Mac" : needed ? "" : "not downloaded"} |`,
    );
  const more = files.length > FILES_SHOWN ? `\n\n… and ${files.length - FILES_SHOWN} more.` : "";
  return `## Files\n\n${files.length} files, ${formatBytes(totalBytes)}.\n\n| File | Size | |\n| --- | ---: | --- |\n${rows.join("\n")}${more}`;
}
