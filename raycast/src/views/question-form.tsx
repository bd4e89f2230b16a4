import { Action, ActionPanel, Form, Icon, useNavigation } from "@raycast/api";
import { FormValidation, useForm } from "@raycast/utils";
import type { ReactNode } from "react";
import type { Model } from "../api/schemas.ts";

interface Props {
  models: readonly Model[];
  /** Chosen beforehand; undefined: the default model. */
  model: string | undefined;
  /** What the field starts with. */
  question: string;
  /** The view of an answer. */
  answer(question: string, model: string | undefined): ReactNode;
}

/** The default model is not named in the request, so that the service decides what it is at that moment. */
const DEFAULT = "";

/** Where a question is written, and to whom. */
export function QuestionForm({ models, model = DEFAULT, question, answer }: Props) {
  const { push } = useNavigation();
  const { handleSubmit, itemProps } = useForm<{ question: string; model: string }>({
    initialValues: { question, model },
    validation: { question: FormValidation.Required },
    onSubmit: (values) => {
      const chosen = values.model === DEFAULT ? undefined : values.model;
      push(answer(values.question.trim(), chosen));
    },
  });
  const known = models.filter(({ complete }) => complete);
  const isListed = model === DEFAULT || known.some(({ id }) => id === model);
  return (
    <Form
      actions={
        <ActionPanel>
          <Action.SubmitForm title="Ask" icon={Icon.SpeechBubble} onSubmit={handleSubmit} />
        </ActionPanel>
      }
    >
      <Form.TextArea title="Question" placeholder="What would you like to know?" {...itemProps.question} />
      <Form.Dropdown title="Model" {...itemProps.model}>
        <Form.Dropdown.Item value={DEFAULT} title={defaultTitle(models)} icon={Icon.Star} />
        {!isListed && <Form.Dropdown.Item value={model} title={model} icon={Icon.Box} />}
        {known.map(({ id, demo }) => (
          <Form.Dropdown.Item key={id} value={id} title={demo ? `${id} (demo)` : id} icon={Icon.Box} />
        ))}
      </Form.Dropdown>
    </Form>
  );
}

function defaultTitle(models: readonly Model[]): string {
  const model = models.find(({ isDefault }) => isDefault);
  return model === undefined ? "Default Model" : `Default Model (${model.id}${model.demo ? ", demo" : ""})`;
}
