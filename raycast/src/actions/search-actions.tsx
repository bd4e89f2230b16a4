import { Action, ActionPanel, Icon, open } from "@raycast/api";
import { ApiError } from "../api/errors.ts";
import { startDownload } from "../api/requests.ts";
import type { HubModel } from "../api/schemas.ts";
import { showFailure } from "../feedback/failure-toast.ts";
import type { ServiceHandle } from "../hooks/service-handle.ts";
import { ModelPage } from "../views/model-page.tsx";
import { SiblingList } from "../views/sibling-list.tsx";
import { GoTo } from "./go-to.tsx";
import { hubPage, ModelLinks } from "./model-links.tsx";

interface Props {
  model: HubModel;
  isHere: boolean;
  service: ServiceHandle;
  /** On the model's own page, or beside its siblings, there is no way to itself. */
  isOnPage?: boolean;
}

/** What to do with a search result. */
export function SearchActions({ model, isHere, service, isOnPage = false }: Props) {
  const download = async () => {
    try {
      service.absorbDownload(await startDownload(service.client, model.id));
    } catch (error) {
      const isGated =
        error instanceof ApiError && (error.code === "gated_not_accepted" || error.code === "gated_no_token");
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
        {!isOnPage && (
          <>
            <Action.Push
              title="Show Model Page"
              icon={Icon.Document}
              shortcut={{ modifiers: ["cmd"], key: "d" }}
              target={<ModelPage model={model} isHere={isHere} service={service} />}
            />
            <Action.Push
              title="Compare Quantizations"
              icon={Icon.BarChart}
              shortcut={{ modifiers: ["cmd", "shift"], key: "d" }}
              target={<SiblingList model={model} service={service} />}
            />
          </>
        )}
        {model.gated !== "no" && <Action.OpenInBrowser title="Open License" icon={Icon.Lock} url={hubPage(model.id)} />}
      </ActionPanel.Section>
      <ModelLinks model={model.id} />
    </>
  );
}
