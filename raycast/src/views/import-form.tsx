import { Action, ActionPanel, Form, Icon, showToast, Toast, useNavigation } from "@raycast/api";
import { useState } from "react";
import { bodyOf } from "../api/client.ts";
import type { Client } from "../api/client.ts";
import { errorText } from "../api/errors.ts";
import { importModel } from "../api/requests.ts";
import { useCachedPromise } from "@raycast/utils";
import { formatBytes } from "../format/bytes.ts";

/** Uses a model where it lies: one that another program has, or any folder. */
export function ImportForm({ client }: { client: Client }) {
  const { pop } = useNavigation();
  const [problem, setProblem] = useState<string>();
  const { data, isLoading } = useCachedPromise(() => bodyOf(client.GET("/api/models/importable")), [], {
    onError: () => undefined,
  });
  const found = (data?.items ?? []).filter(({ imported }) => imported === null);
  const submit = async ({ found: chosen, folder }: { found?: string; folder: string[] }) => {
    const path = folder[0] ?? chosen;
    if (path === undefined || path === "") return setProblem("Choose a folder");
    try {
      const model = await importModel(client, path);
      await showToast({ style: Toast.Style.Success, title: "Model imported", message: model.id });
      pop();
    } catch (error) {
      setProblem(errorText(error));
    }
  };
  return (
    <Form
      isLoading={isLoading}
      navigationTitle="Import Model"
      actions={
        <ActionPanel>
          <Action.SubmitForm title="Import Model" icon={Icon.Plus} onSubmit={submit} />
        </ActionPanel>
      }
    >
      <Form.Description text="The model is used where it lies. Nothing is copied, and deleting it here only forgets it." />
      {found.length > 0 && (
        <Form.Dropdown id="found" title="Found on This Mac">
          {found.map(({ path, name, sizeBytes }) => (
            <Form.Dropdown.Item key={path} value={path} title={`${name} (${formatBytes(sizeBytes)})`} />
          ))}
        </Form.Dropdown>
      )}
      <Form.FilePicker
        id="folder"
        title="Folder"
        info="A folder with config.json and safetensors files."
        canChooseDirectories
        canChooseFiles={false}
        allowMultipleSelection={false}
        {...(problem === undefined ? {} : { error: problem })}
        onChange={() => setProblem(undefined)}
      />
    </Form>
  );
}
