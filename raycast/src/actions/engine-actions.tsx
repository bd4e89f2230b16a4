import { Action, ActionPanel, Icon, Keyboard } from "@raycast/api";
import type { Client } from "../api/client.ts";
import type { Connection } from "../api/connection.ts";
import { cancelJob, installEngine } from "../api/requests.ts";
import { attempt } from "../feedback/failure-toast.ts";
import type { EngineNews } from "../views/engine-text.ts";
import { LogView } from "../views/log-view.tsx";

interface Props {
  news: EngineNews;
  service: { client: Client; connection: Connection };
}

/** The next step of an engine that is not ready. */
export function EngineActions({ news, service }: Props) {
  const { engine, job, title, description } = news;
  const { client, connection } = service;
  const install = () => attempt("Engine Not Installed", () => installEngine(client, engine.id));
  const canInstall = engine.state === "absent" || engine.state === "broken";
  return (
    <ActionPanel.Section title={title}>
      {canInstall && (
        <Action
          title={engine.state === "absent" ? "Install Engine" : "Install Again"}
          icon={Icon.Download}
          onAction={install}
        />
      )}
      {job !== undefined && (
        <>
          <Action.Push
            title="Show Installation Log"
            icon={Icon.Text}
            target={<LogView title="Engine Installation" connection={connection} source={{ job: job.id }} />}
          />
          <Action
            title="Cancel Installation"
            icon={Icon.XMarkCircle}
            style={Action.Style.Destructive}
            onAction={() => attempt("Installation Not Cancelled", () => cancelJob(client, job.id))}
          />
        </>
      )}
      <Action.CopyToClipboard
        title="Copy Details"
        icon={Icon.CopyClipboard}
        content={`${engine.id} ${engine.availableVersion}: ${title}\n${description}`}
        shortcut={Keyboard.Shortcut.Common.Copy}
      />
    </ActionPanel.Section>
  );
}
