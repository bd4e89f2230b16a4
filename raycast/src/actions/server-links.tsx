import { Action, ActionPanel, Icon, Keyboard } from "@raycast/api";

/** What another program needs to use the model: it is loaded when asked, so this works before a start too. */
export function ServerLinks({ name, address }: { name: string; address: string }) {
  return (
    <ActionPanel.Section>
      <Action.CopyToClipboard
        title="Copy Base URL"
        icon={Icon.Link}
        content={`${address}/v1`}
        shortcut={Keyboard.Shortcut.Common.CopyPath}
      />
      <Action.CopyToClipboard
        title="Copy Curl Command"
        icon={Icon.Terminal}
        content={curlCommand(name, address)}
        shortcut={Keyboard.Shortcut.Common.Copy}
      />
    </ActionPanel.Section>
  );
}

export function curlCommand(name: string, address: string): string {
  const body = JSON.stringify({ model: name, messages: [{ role: "user", content: "Hello" }], stream: true });
  return `curl -N ${address}/v1/chat/completions -H 'content-type: application/json' -d '${body}'`;
}
