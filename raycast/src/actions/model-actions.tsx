import { Action, ActionPanel, Icon, Keyboard } from "@raycast/api";
import { setDefaultModel, startDownload, unloadModel } from "../api/requests.ts";
import { attempt } from "../feedback/failure-toast.ts";
import { isRunning } from "../format/model-entries.ts";
import type { ModelEntry } from "../format/model-entries.ts";
import { holdersOf, holderText } from "../format/server-lines.ts";
import type { ServerToggle } from "../hooks/use-server-toggle.ts";
import { LastError } from "../views/last-error.tsx";
import { LocalModelPage } from "../views/local-model-page.tsx";
import { LogView } from "../views/log-view.tsx";
import { QuantizeForm } from "../views/quantize-form.tsx";
import type { ServiceHandle } from "../hooks/service-handle.ts";
import { DeleteModel } from "./delete-model.tsx";
import { GoTo } from "./go-to.tsx";
import { LibraryActions } from "./library-actions.tsx";
import { ModelLinks } from "./model-links.tsx";
import { PinModel } from "./pin-model.tsx";
import { ProbeModel } from "./probe-model.tsx";
import { ServerLinks } from "./server-links.tsx";

interface Props {
  entry: ModelEntry;
  service: ServiceHandle;
  toggle: ServerToggle;
  /** Selects another model of the list. */
  show(model: string): void;
}

/** Everything one can do with a model on this Mac; Enter starts or stops it. */
export function ModelActions({ entry, service, toggle, show }: Props) {
  const { model, server, isNamed } = entry;
  const running = isRunning(server);
  const { client, connection } = service;
  const hasOthers = service.state.servers.filter((one) => one.model === model.id && isRunning(one)).length > 1;
  const finish = async () => {
    const started = await attempt("Download Not Started", () => startDownload(client, model.id));
    if (started !== undefined) service.absorbDownload(started);
  };
  return (
    <>
      <ActionPanel.Section title={entry.title}>
        {running && <Action title="Stop" icon={Icon.Stop} onAction={() => toggle.toggle(entry)} />}
        {!running && model.complete && <Action title="Start" icon={Icon.Play} onAction={() => toggle.toggle(entry)} />}
        {server?.state === "failed" &&
          holdersOf(server.lastError?.details).map((holder) => (
            <Action
              key={holder.profile}
              title={`Stop ${holderText(holder)} and Start`}
              icon={Icon.Eject}
              onAction={() => toggle.startInsteadOf(holder.profile, entry)}
            />
          ))}
        {!running && !model.complete && <Action title="Finish Download" icon={Icon.Download} onAction={finish} />}
        {model.complete && (
          <GoTo
            title="Ask This Model"
            icon={Icon.SpeechBubble}
            command="ask-local-model"
            context={{ model: isNamed ? entry.title : model.id }}
          />
        )}
        {hasOthers && (
          <Action
            title="Unload All Servers of This Model"
            icon={Icon.Eject}
            onAction={() => attempt(`${model.id} Not Unloaded`, () => unloadModel(client, model.id))}
          />
        )}
        {running && (
          <Action
            title={server.needsRestart ? "Restart with the New Values" : "Restart"}
            icon={Icon.ArrowClockwise}
            shortcut={Keyboard.Shortcut.Common.Refresh}
            onAction={() => toggle.restart(entry)}
          />
        )}
        {model.complete && !isNamed && <ProbeModel model={model} jobs={entry.jobs} client={client} />}
        {model.complete && !isNamed && (
          <Action.Push
            title="Quantize Model…"
            icon={Icon.Hammer}
            target={<QuantizeForm model={model} client={client} show={show} />}
          />
        )}
        {entry.profile !== undefined && <PinModel profile={entry.profile} client={client} />}
        {!model.isDefault && model.complete && !isNamed && (
          <Action
            title="Set as Default"
            icon={Icon.Star}
            onAction={() => attempt("Default Not Set", () => setDefaultModel(client, model.id))}
          />
        )}
      </ActionPanel.Section>
      <ActionPanel.Section>
        <Action.Push
          title="Show Model Page"
          icon={Icon.Document}
          shortcut={{ modifiers: ["cmd"], key: "d" }}
          target={<LocalModelPage model={model} client={client} />}
        />
      </ActionPanel.Section>
      {server !== undefined && (
        <ActionPanel.Section>
          {server.lastError !== null && (
            <Action.Push title="Show Last Error" icon={Icon.Warning} target={<LastError server={server} />} />
          )}
          <Action.Push
            title="Show Log"
            icon={Icon.Text}
            target={<LogView title={model.id} connection={connection} source={{ server: server.id }} />}
          />
        </ActionPanel.Section>
      )}
      <ServerLinks name={isNamed ? entry.title : model.id} address={connection.address} />
      <ModelLinks model={model.id} />
      {model.source !== "built-in" && !isNamed && (
        <ActionPanel.Section>
          <LibraryActions model={model} service={service} />
          <DeleteModel model={model} client={client} />
        </ActionPanel.Section>
      )}
    </>
  );
}
