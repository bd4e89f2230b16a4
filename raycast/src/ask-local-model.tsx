import { Detail, Form } from "@raycast/api";
import type { LaunchProps } from "@raycast/api";
import type { Topic } from "./api/events.ts";
import { AskedQuestion, NewQuestion } from "./views/conversation.tsx";
import { EngineGate } from "./views/engine-gate.tsx";
import { Gate } from "./views/gate.tsx";

const TOPICS: readonly Topic[] = ["engines", "jobs", "models"];

type Props = LaunchProps<{ arguments: { question?: string }; launchContext?: { model?: string } }>;

export default function AskLocalModel({ arguments: given, launchContext }: Props) {
  const question = given?.question?.trim() ?? "";
  const model = launchContext?.model;
  const placeholder = question === "" ? <Form isLoading /> : <Detail isLoading markdown="" />;
  return (
    <Gate topics={TOPICS} placeholder={placeholder} staysOpen>
      {(service) => (
        <EngineGate service={service} placeholder={placeholder}>
          {() => {
            const Page = question === "" ? NewQuestion : AskedQuestion;
            const { models } = service.state;
            return <Page connection={service.connection} models={models} model={model} question={question} />;
          }}
        </EngineGate>
      )}
    </Gate>
  );
}
