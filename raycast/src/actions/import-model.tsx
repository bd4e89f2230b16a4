import { Action, Icon } from "@raycast/api";
import type { Client } from "../api/client.ts";
import { ImportForm } from "../views/import-form.tsx";

export function ImportModel({ client }: { client: Client }) {
  return (
    <Action.Push
      title="Import Model…"
      icon={Icon.Plus}
      shortcut={{ modifiers: ["cmd", "shift"], key: "n" }}
      target={<ImportForm client={client} />}
    />
  );
}
