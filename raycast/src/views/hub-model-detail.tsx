import { Color, Icon, List } from "@raycast/api";
import { hubPage } from "../actions/model-links.tsx";
import type { HubModel } from "../api/schemas.ts";
import { formatMemory, UNKNOWN } from "../format/bytes.ts";
import { formatContextLength } from "../format/context-length.ts";
import { formatCount } from "../format/count.ts";
import { formatModelSize } from "../format/model-size.ts";
import { formatRelativeTime } from "../format/relative-time.ts";
import type { ModelDetailState } from "../hooks/use-model-detail.ts";
import { fitLook } from "../palette.ts";
import { quantizationText } from "./model-page.tsx";

const { Metadata } = List.Item.Detail;

interface Props {
  model: HubModel;
  isHere: boolean;
  /** Given for the selected row: what the model's own page adds to the listing. */
  exact: ModelDetailState | undefined;
}

/** The pane beside a result: will it run here, and is it any good? */
export function HubModelDetailPane({ model, isHere, exact }: Props) {
  const { detail, error } = exact ?? {};
  const facts = detail ?? model;
  const fit = fitLook(facts.fit.verdict);
  return (
    <List.Item.Detail
      isLoading={exact?.isLoading ?? false}
      metadata={
        <Metadata>
          <Metadata.Label title="Model" text={model.id} />
          {isHere && (
            <Metadata.Label
              title="On This Mac"
              icon={{ source: Icon.CheckCircle, tintColor: Color.Green }}
              text="Yes"
            />
          )}
          <Metadata.TagList title="Fits This Mac">
            <Metadata.TagList.Item text={fit.label} color={fit.color} />
          </Metadata.TagList>
          <Metadata.Label
            title="Memory Needed"
            text={`${formatMemory(facts.fit.neededBytes)} of ${formatMemory(facts.fit.limitBytes)}`}
          />
          <Metadata.Label title="Longest Context That Fits" text={formatContextLength(facts.fit.largestContext)} />
          <Metadata.Label title="Download" text={formatModelSize(facts)} />
          <Metadata.Separator />
          <Metadata.Label title="Quantization" text={quantizationText(facts)} />
          <Metadata.Label title="Parameters" text={formatCount(facts.parameters)} />
          <Metadata.Label title="Context" text={formatContextLength(facts.contextLength)} />
          <Metadata.Label title="Architecture" text={facts.architecture ?? UNKNOWN} />
          {facts.supported === false && <Metadata.Label title="Engine" text="None runs this architecture" />}
          {facts.capabilities.length > 0 && (
            <Metadata.TagList title="Can">
              {facts.capabilities.map((capability) => (
                <Metadata.TagList.Item key={capability} text={capability} />
              ))}
            </Metadata.TagList>
          )}
          <Metadata.Separator />
          <Metadata.Label title="Downloads" text={formatCount(model.downloads)} />
          <Metadata.Label title="Likes" text={formatCount(model.likes)} />
          <Metadata.Label title="Updated" text={formatRelativeTime(model.updatedAt, new Date())} />
          {facts.license !== null && <Metadata.Label title="License" text={facts.license} />}
          {model.gated !== "no" && (
            <Metadata.Link title="Gated" target={hubPage(model.id)} text="Accept the license on Hugging Face" />
          )}
          {error !== undefined && <Metadata.Label title="More Details" text={error} />}
        </Metadata>
      }
    />
  );
}
