import { ActionPanel, Detail } from "@raycast/api";
import { useEffect, useState } from "react";
import type { ReactNode } from "react";
import { AnswerActions } from "../actions/answer-actions.tsx";
import type { Connection } from "../api/connection.ts";
import type { Model } from "../api/schemas.ts";
import { showFailure } from "../feedback/failure-toast.ts";
import { answerMarkdown } from "../format/answer-markdown.ts";
import { isOver } from "../hooks/answer-state.ts";
import { useAnswer } from "../hooks/use-answer.ts";
import { AnswerMetadata } from "./answer-metadata.tsx";

interface Props {
  connection: Connection;
  models: readonly Model[];
  question: string;
  /** Undefined: the default model. */
  model: string | undefined;
  /** The view where another question is written, starting with a text. */
  form(question: string): ReactNode;
}

/** One question and its answer while it is written. Leaving the view stops the generation. */
export function AnswerView(props: Props) {
  const [round, setRound] = useState(0);
  // Another key is another view: asking again starts from nothing.
  return <Answer key={round} {...props} askAgain={() => setRound(round + 1)} />;
}

function Answer({ connection, models, question, model, form, askAgain }: Props & { askAgain: () => void }) {
  const [isThinkingShown, setThinkingShown] = useState(false);
  const { answer, stop } = useAnswer(connection, { question, model });
  const shownModel = model ?? models.find(({ isDefault }) => isDefault)?.id ?? answer.model;

  useEffect(() => {
    if (answer.error !== undefined) void showFailure("No Answer", answer.error);
  }, [answer.error]);

  return (
    <Detail
      isLoading={!isOver(answer)}
      markdown={answerMarkdown(answer, { question, isThinkingShown })}
      metadata={<AnswerMetadata answer={answer} model={models.find(({ id }) => id === shownModel)} name={shownModel} />}
      actions={
        <ActionPanel>
          <AnswerActions
            answer={answer}
            question={question}
            form={form}
            stop={stop}
            askAgain={askAgain}
            isThinkingShown={isThinkingShown}
            toggleThinking={() => setThinkingShown(!isThinkingShown)}
          />
        </ActionPanel>
      }
    />
  );
}
