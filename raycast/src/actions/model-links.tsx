import { Action, ActionPanel, Icon, Keyboard } from "@raycast/api";

/** Where a model can be read about, and its name to take along. */
export function ModelLinks({ model }: { model: string }) {
  return (
    <ActionPanel.Section>
      {isOnHub(model) && (
        <Action.OpenInBrowser
          title="Open on Hugging Face"
          icon={Icon.Globe}
          url={hubPage(model)}
          shortcut={Keyboard.Shortcut.Common.Open}
        />
      )}
      <Action.CopyToClipboard
        title="Copy Model Name"
        icon={Icon.CopyClipboard}
        content={model}
        shortcut={Keyboard.Shortcut.Common.CopyName}
      />
    </ActionPanel.Section>
  );
}

export function hubPage(model: string): string {
  return `https://huggingface.co/${model.replace(/^_\//, "")}`;
}

/** Owners of our own are not on the Hub. */
function isOnHub(model: string): boolean {
  return !/^(mlx-manager|local|anthropic)\//.test(model);
}
