import { Action, ActionPanel, Alert, confirmAlert, Icon, Keyboard } from "@raycast/api";
import type { Client } from "../api/client.ts";
import {
  cancelDownload,
  pauseDownload,
  resumeDownload,
  retryDownload,
  setDownloadPriority,
  startDownload,
} from "../api/requests.ts";
import type { Download } from "../api/schemas.ts";
import { attempt } from "../feedback/failure-toast.ts";
import { canPause, isActive } from "../format/download-state.ts";
import { GoTo } from "./go-to.tsx";
import { ModelLinks } from "./model-links.tsx";

interface Props {
  download: Download;
  service: { client: Client; absorbDownload(download: Download): void };
}

const PRIORITIES = [
  { value: "high", title: "Before Others" },
  { value: "normal", title: "Normal" },
  { value: "low", title: "After Others" },
] as const;

/** Everything one can do with a download; Enter does what its state asks for. */
export function DownloadActions({ download, service }: Props) {
  const { client, absorbDownload } = service;
  const run = async (failure: string, request: () => Promise<Download>) => {
    const changed = await attempt(failure, request);
    if (changed !== undefined) absorbDownload(changed);
  };
  const cancel = async () => {
    const confirmed = await confirmAlert({
      icon: Icon.Trash,
      title: `Cancel the download of ${download.model}?`,
      message: "What was fetched so far is removed. Pause keeps it.",
      primaryAction: { title: "Cancel Download", style: Alert.ActionStyle.Destructive },
      dismissAction: { title: "Keep Downloading" },
    });
    if (confirmed) await run("Download Not Cancelled", () => cancelDownload(client, download.id));
  };
  const { id, state, model } = download;
  return (
    <>
      <ActionPanel.Section title={model}>
        {canPause(download) && (
          <Action
            title="Pause"
            icon={Icon.Pause}
            onAction={() => run("Download Not Paused", () => pauseDownload(client, id))}
          />
        )}
        {state === "paused" && (
          <Action
            title="Resume"
            icon={Icon.Play}
            onAction={() => run("Download Not Resumed", () => resumeDownload(client, id))}
          />
        )}
        {state === "failed" && (
          <Action
            title="Retry"
            icon={Icon.ArrowClockwise}
            onAction={() => run("Download Not Retried", () => retryDownload(client, id))}
          />
        )}
        {state === "completed" && (
          <>
            <GoTo title="Ask This Model" icon={Icon.SpeechBubble} command="ask-local-model" context={{ model }} />
            <GoTo title="Show Models" icon={Icon.HardDrive} command="models" />
          </>
        )}
        {state === "cancelled" && (
          <Action
            title="Download Again"
            icon={Icon.Download}
            onAction={() => run("Download Not Started", () => startDownload(client, model))}
          />
        )}
        {isActive(download) && (
          <ActionPanel.Submenu title="Set Priority" icon={Icon.ArrowUp}>
            {PRIORITIES.map(({ value, title }) => (
              <Action
                key={value}
                title={title}
                icon={download.priority === value ? Icon.CheckCircle : Icon.Circle}
                onAction={() => run("Priority Not Set", () => setDownloadPriority(client, id, value))}
              />
            ))}
          </ActionPanel.Submenu>
        )}
        {(isActive(download) || state === "failed") && (
          <Action
            title="Cancel Download"
            icon={Icon.XMarkCircle}
            style={Action.Style.Destructive}
            shortcut={Keyboard.Shortcut.Common.Remove}
            onAction={cancel}
          />
        )}
        {download.error !== null && (
          <Action.CopyToClipboard
            title="Copy Error"
            icon={Icon.CopyClipboard}
            content={`${model}\n${download.error.code}: ${download.error.message}`}
          />
        )}
      </ActionPanel.Section>
      <ModelLinks model={model} />
    </>
  );
}
