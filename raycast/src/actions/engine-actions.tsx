import { Action, ActionPanel, Alert, confirmAlert, Icon, Keyboard, showToast, Toast } from "@raycast/api";
import type { Client } from "../api/client.ts";
import type { Connection } from "../api/connection.ts";
import { cancelJob, installEngine, removeEngine, rollBackEngine, updateEngine } from "../api/requests.ts";
import type { Engine } from "../api/schemas.ts";
import { attempt } from "../feedback/failure-toast.ts";
import { formatBytes } from "../format/bytes.ts";
import { switchTitle, updateVersion } from "../views/engine-text.ts";
import type { EngineNews } from "../views/engine-text.ts";
import { LogView } from "../views/log-view.tsx";

interface Props {
  news: EngineNews;
  service: { client: Client; connection: Connection };
}

/** The next step of an engine that is not ready; of one that is, what can be done with it. */
export function EngineActions({ news, service }: Props) {
  const { engine, job, title, description } = news;
  const { client, connection } = service;
  const canInstall = engine.state === "absent" || engine.state === "broken";
  const update = job === undefined ? updateVersion(engine) : undefined;
  const other = job === undefined ? switchTitle(engine) : undefined;
  const canRemove = job === undefined && (engine.state === "installed" || engine.state === "broken");
  return (
    <ActionPanel.Section title={title}>
      {canInstall && (
        <Action
          title={engine.state === "absent" ? "Install Engine" : "Install Again"}
          icon={Icon.Download}
          onAction={() => attempt("Engine Not Installed", () => installEngine(client, engine.id))}
        />
      )}
      {update !== undefined && (
        <Action
          title={`Update to ${update}`}
          icon={Icon.ArrowUpCircle}
          onAction={() => attempt("Engine Not Updated", () => updateEngine(client, engine.id))}
        />
      )}
      {other !== undefined && (
        <Action title={other} icon={Icon.Undo} onAction={() => switchVersion(client, engine.id)} />
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
      {canRemove && (
        <Action
          title="Remove Engine"
          icon={Icon.Trash}
          style={Action.Style.Destructive}
          shortcut={Keyboard.Shortcut.Common.Remove}
          onAction={() => remove(client, engine)}
        />
      )}
    </ActionPanel.Section>
  );
}

async function switchVersion(client: Client, id: Engine["id"]): Promise<void> {
  const engine = await attempt("Version Not Changed", () => rollBackEngine(client, id));
  if (engine === undefined) return;
  const message = "What runs keeps its version until a restart";
  await showToast({ style: Toast.Style.Success, title: `${id} is ${engine.version ?? "gone"} now`, message });
}

async function remove(client: Client, { id, sizeBytes }: Engine): Promise<void> {
  const confirmed = await confirmAlert({
    icon: Icon.Trash,
    title: `Remove ${id}?`,
    message: `${formatBytes(sizeBytes)} are removed from this Mac. Its models do not run until it is installed again.`,
    primaryAction: { title: "Remove Engine", style: Alert.ActionStyle.Destructive },
  });
  if (confirmed) await attempt("Engine Not Removed", () => removeEngine(client, id));
}
