import { ActionPanel, Icon, List } from "@raycast/api";
import { useCachedState } from "@raycast/utils";
import { DownloadActions } from "../actions/download-actions.tsx";
import { GoTo } from "../actions/go-to.tsx";
import { ListViewActions } from "../actions/list-view-actions.tsx";
import type { Download } from "../api/schemas.ts";
import { isActive } from "../format/download-state.ts";
import { DownloadItem } from "./download-item.tsx";
import type { ServiceHandle } from "../hooks/service-handle.ts";

/** Every download by what it needs: going on, needing help, done. Newest first, in the order they were asked for. */
export function DownloadList({ service }: { service: ServiceHandle }) {
  const [isShowingDetail, setShowingDetail] = useCachedState("downloads-detail", false);
  const { downloads } = service.state;
  const sections = [
    { title: "Active", items: downloads.filter(isActive) },
    { title: "Failed", items: downloads.filter(({ state }) => state === "failed") },
    { title: "Finished", items: downloads.filter(({ state }) => state === "completed" || state === "cancelled") },
  ];
  const row = (download: Download) => (
    <DownloadItem
      key={download.id}
      download={download}
      isShowingDetail={isShowingDetail}
      actions={
        <ActionPanel>
          <DownloadActions download={download} service={service} />
          <ListViewActions isShowingDetail={isShowingDetail} setShowingDetail={setShowingDetail} />
        </ActionPanel>
      }
    />
  );
  return (
    <List
      isLoading={!service.isLoaded}
      isShowingDetail={isShowingDetail && downloads.length > 0}
      searchBarPlaceholder="Search downloads"
    >
      {sections
        .filter(({ items }) => items.length > 0)
        .map(({ title, items }) => (
          <List.Section key={title} title={title} subtitle={String(items.length)}>
            {items.map(row)}
          </List.Section>
        ))}
      {service.isLoaded && (
        <List.EmptyView
          icon={Icon.Download}
          title="No Downloads"
          description="Find a model in Search Models and press Enter."
          actions={
            <ActionPanel>
              <GoTo title="Search Models" icon={Icon.MagnifyingGlass} command="search-models" />
            </ActionPanel>
          }
        />
      )}
    </List>
  );
}
