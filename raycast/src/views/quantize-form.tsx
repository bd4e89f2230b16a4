import { Action, ActionPanel, Form, Icon, showToast, Toast, useNavigation } from "@raycast/api";
import { useState } from "react";
import type { Client } from "../api/client.ts";
import { ApiError, errorText } from "../api/errors.ts";
import { convertModel } from "../api/requests.ts";
import type { Conversion, ConversionMode, ConversionRecipe, Job, Model } from "../api/schemas.ts";
import { showFailure } from "../feedback/failure-toast.ts";
import { followJob } from "../feedback/follow-job.ts";
import { bitsTitle, conversionChoices, conversionRecipes } from "../format/conversion-choices.ts";

interface Props {
  model: Model;
  client: Client;
  /** Shows a model of the library. */
  show(model: string): void;
}

interface Values {
  mode: ConversionMode;
  bits: string;
  groupSize: string;
  name: string;
}

/** Makes a smaller model of one that is here. A refusal stands in the form; the work goes on when the form is gone. */
export function QuantizeForm({ model, client, show }: Props) {
  const { pop } = useNavigation();
  const [mode, setMode] = useState<ConversionMode>("affine");
  const [bits, setBits] = useState("4");
  const [groupSize, setGroupSize] = useState("64");
  const [problem, setProblem] = useState<{ field: "name" | "bits"; text: string }>();
  const choice = conversionChoices[mode];
  const bitsValues = [...choice.bits.map(String), ...(mode === "affine" ? conversionRecipes : [])];
  const choose = (value: string) => {
    const next = value as ConversionMode;
    const { usual } = conversionChoices[next];
    setMode(next);
    setBits(String(usual.bits));
    setGroupSize(String(usual.groupSize));
  };
  const submit = async (values: Values) => {
    try {
      const job = await convertModel(client, model.id, conversionOf(values));
      pop();
      void follow({ model, client, show }, job);
    } catch (error) {
      const isName = error instanceof ApiError && (error.code === "conflict" || /name/i.test(error.message));
      setProblem({ field: isName ? "name" : "bits", text: errorText(error) });
      // A field has room for a few words; the numbers of a full disk are said in whole.
      await showFailure("Not Quantized", error);
    }
  };
  const error = (field: "name" | "bits") => (problem?.field === field ? { error: problem.text } : {});
  return (
    <Form
      navigationTitle={`Quantize ${model.id}`}
      actions={
        <ActionPanel>
          <Action.SubmitForm title="Quantize Model" icon={Icon.Hammer} onSubmit={submit} />
        </ActionPanel>
      }
    >
      <Form.Description title="Model" text={`${model.id}. It stays as it is; a new model is made beside it.`} />
      <Form.Dropdown id="mode" title="Mode" value={mode} onChange={choose}>
        {Object.keys(conversionChoices).map((known) => (
          <Form.Dropdown.Item key={known} value={known} title={known} />
        ))}
      </Form.Dropdown>
      <Form.Dropdown
        id="bits"
        title="Bits"
        info="Fewer bits make a smaller and faster model that is less exact."
        value={bits}
        onChange={(value) => {
          setBits(value);
          setProblem(undefined);
        }}
        {...error("bits")}
      >
        {bitsValues.map((value) => (
          <Form.Dropdown.Item key={value} value={value} title={bitsTitle(value)} />
        ))}
      </Form.Dropdown>
      <Form.Dropdown
        id="groupSize"
        title="Group Size"
        info="Weights that share a scale. Smaller groups are more exact and larger."
        value={groupSize}
        onChange={setGroupSize}
      >
        {choice.groupSizes.map((size) => (
          <Form.Dropdown.Item key={size} value={String(size)} title={String(size)} />
        ))}
      </Form.Dropdown>
      <Form.TextField
        id="name"
        title="Name"
        placeholder="Follows from the model and its bits"
        onChange={() => setProblem(undefined)}
        {...error("name")}
      />
    </Form>
  );
}

function conversionOf({ mode, bits, groupSize, name }: Values): Conversion {
  const isRecipe = conversionRecipes.includes(bits as ConversionRecipe);
  return {
    mode,
    groupSize: Number(groupSize),
    ...(isRecipe ? { recipe: bits as ConversionRecipe } : { bits: Number(bits) }),
    ...(name.trim() === "" ? {} : { name: name.trim() }),
  };
}

async function follow({ model, client, show }: Props, job: Job): Promise<void> {
  const begin = () => Promise.resolve(job);
  const work = { client, title: "Quantizing", subject: job.subject, failure: "Not Quantized", begin };
  if ((await followJob(work)) === undefined) return;
  await showToast({
    style: Toast.Style.Success,
    title: `${job.subject} is made`,
    message: `From ${model.id}`,
    primaryAction: { title: "Show Model", onAction: () => show(job.subject) },
  });
}
