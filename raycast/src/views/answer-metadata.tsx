import { Color, Detail } from "@raycast/api";
import type { Model } from "../api/schemas.ts";
import { UNKNOWN } from "../format/bytes.ts";
import { progressText } from "../format/answer-markdown.ts";
import { formatTokenSpeed } from "../format/speed.ts";
import { isOver, tokensPerSecond } from "../hooks/answer-state.ts";
import type { AnswerPhase, AnswerState } from "../hooks/answer-state.ts";

const { Metadata } = Detail;

const PHASES: Record<AnswerPhase, { label: string; color: Color }> = {
  waiting: { label: "Waiting", color: Color.SecondaryText },
  thinking: { label: "Thinking", color: Color.Purple },
  writing: { label: "Writing", color: Color.Blue },
  done: { label: "Done", color: Color.Green },
  stopped: { label: "Stopped", color: Color.Yellow },
  failed: { label: "Failed", color: Color.Red },
};

interface Props {
  answer: AnswerState;
  model: Model | undefined;
  name: string | undefined;
}

/** Beside the answer: who answers, how far it is, how fast it was. */
export function AnswerMetadata({ answer, model, name }: Props) {
  const { label, color } = PHASES[answer.phase];
  const speed = formatTokenSpeed(tokensPerSecond(answer));
  return (
    <Metadata>
      <Metadata.Label title="Model" text={name ?? UNKNOWN} />
      {model?.demo === true && (
        <Metadata.TagList title="Kind">
          <Metadata.TagList.Item text="demo" color={Color.Purple} />
        </Metadata.TagList>
      )}
      <Metadata.TagList title="State">
        <Metadata.TagList.Item text={answer.phase === "waiting" ? progressText(answer) : label} color={color} />
      </Metadata.TagList>
      {answer.finishReason === "length" && <Metadata.Label title="Cut Off" text="The length limit was reached" />}
      {isOver(answer) && answer.tokens !== undefined && <Metadata.Label title="Tokens" text={String(answer.tokens)} />}
      {isOver(answer) && speed !== "" && <Metadata.Label title="Speed" text={speed} />}
    </Metadata>
  );
}
