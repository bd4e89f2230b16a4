import { Action, ActionPanel, Icon, open } from "@raycast/api";
import type { Client } from "../api/client.ts";
import { ApiError } from "../api/errors.ts";
import { startDownload } from "../api/requests.ts";
import type { Download, HubModel } from "../api/schemas.ts";
import { showFailure } from "../feedback/failure-toast.ts";
import { GoTo } from "./go-to.tsx";
import { hubPage, ModelLinks } from "./model-links.tsx";

interface Props {
  model: HubModel;
  isHere: boolean;
  service: { client: Client; absorbDownload(download: Download): void };
}

/** What to do with a search result. */
export function SearchActions({ model, isHere, service }: Props) {
  const download = async () => {
    try {
      service.absorbDownload(await startDownload(service.client, model.id));
    } catch (error) {
      const isGated = error instanceof ApiError && error.code === "gated_not_accepted";
      await showFailure(
        "Download Not Started",
        error,
        isGated ? { title: "Open License", onAction: () => void open(hubPage(model.id)) } : undefined,
      );
    }
  };
  const context = { model: model.id };
  return (
    <>
      <ActionPanel.Section title={model.id}>
        {isHere ? (
          <>
            <GoTo title="Ask This Model" icon={Icon.SpeechBubble} command="ask-local-model" context={context} />
            <GoTo title="Show Models" icon={Icon.HardDrive} command="models" />
          </>
        ) : (
          <Action title="Download" icon={Icon.Download} onAction={download} />
        )}
        {model.gated !== "no" && <Action.OpenInBrowser title="Open License" icon={Icon.Lock} url={hubPage(model.id)} />}
      </ActionPanel.Section>
      <ModelLinks model={model.id} />
    </>
  );
}
