import type { Connection } from "../api/connection.ts";
import type { Model } from "../api/schemas.ts";
import { AnswerView } from "./answer-view.tsx";
import { QuestionForm } from "./question-form.tsx";

interface Props {
  connection: Connection;
  models: readonly Model[];
  /** Undefined: the default model. */
  model: string | undefined;
  question: string;
}

/** The two views lead to each other; here they meet, so that neither imports the other. */
export function AskedQuestion({ connection, models, model, question }: Props) {
  const form = (text: string) => <NewQuestion connection={connection} models={models} model={model} question={text} />;
  return <AnswerView connection={connection} models={models} question={question} model={model} form={form} />;
}

export function NewQuestion({ connection, models, model, question }: Props) {
  const answer = (text: string, chosen: string | undefined) => (
    <AskedQuestion connection={connection} models={models} model={chosen} question={text} />
  );
  return <QuestionForm models={models} model={model} question={question} answer={answer} />;
}
