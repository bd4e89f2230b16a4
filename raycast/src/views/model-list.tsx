import { ActionPanel, Icon, List } from "@raycast/api";
import { useCachedState } from "@raycast/utils";
import { useState } from "react";
import { GoTo } from "../actions/go-to.tsx";
import { ImportModel } from "../actions/import-model.tsx";
import { ListViewActions } from "../actions/list-view-actions.tsx";
import { ModelActions } from "../actions/model-actions.tsx";
import { isRunning, modelEntries, serversElsewhere } from "../format/model-entries.ts";
import type { ModelEntry } from "../format/model-entries.ts";
import { useServerToggle } from "../hooks/use-server-toggle.ts";
import type { ExpectedState } from "../hooks/use-server-toggle.ts";
import { ConversionSection } from "./conversion-section.tsx";
import { EngineList } from "./engine-list.tsx";
import { EngineSection } from "./engine-section.tsx";
import { ModelItem } from "./model-item.tsx";
import { OtherServers } from "./other-servers.tsx";
import type { ServiceHandle } from "../hooks/service-handle.ts";

/** The models on this Mac and what runs them. Enter starts or stops. */
export function ModelList({ service }: { service: ServiceHandle }) {
  const [isShowingDetail, setShowingDetail] = useCachedState("models-detail", false);
  // Asked for by a person alone: a list that moves its own selection is in the way.
  const [asked, setAsked] = useState<string>();
  const toggle = useServerToggle(service);
  const show = (model: string) => {
    setShowingDetail(true);
    setAsked(model);
  };
  const entries = modelEntries(service.state);
  const sections = [
    { title: "Running", items: entries.filter((entry) => runs(entry, toggle.expected)) },
    { title: "Ready to Run", items: entries.filter((entry) => !runs(entry, toggle.expected) && entry.model.complete) },
    { title: "Incomplete", items: entries.filter((entry) => !runs(entry, toggle.expected) && !entry.model.complete) },
  ];
  const row = (entry: ModelEntry) => (
    <ModelItem
      key={entry.id}
      entry={entry}
      expected={toggle.expected.get(entry.profileId)}
      isShowingDetail={isShowingDetail}
      actions={
        <ActionPanel>
          <ModelActions entry={entry} service={service} toggle={toggle} show={show} />
          <ListViewActions isShowingDetail={isShowingDetail} setShowingDetail={setShowingDetail} />
          <ImportModel client={service.client} />
        </ActionPanel>
      }
    />
  );
  return (
    <List
      isLoading={!service.isLoaded}
      isShowingDetail={isShowingDetail && entries.length > 0}
      {...(asked === undefined ? {} : { selectedItemId: asked })}
      searchBarPlaceholder="Search models on this Mac"
    >
      <EngineSection service={service} />
      <ConversionSection service={service} />
      {sections
        .filter(({ items }) => items.length > 0)
        .map(({ title, items }) => (
          <List.Section key={title} title={title} subtitle={String(items.length)}>
            {items.map(row)}
          </List.Section>
        ))}
      {service.isLoaded && (
        <OtherServers service={service} servers={serversElsewhere(service.state)} isShowingDetail={isShowingDetail} />
      )}
      {entries.length > 0 && (
        <EngineList service={service} isShowingDetail={isShowingDetail}>
          <ListViewActions isShowingDetail={isShowingDetail} setShowingDetail={setShowingDetail} />
        </EngineList>
      )}
      {service.isLoaded && (
        <List.EmptyView
          icon={Icon.HardDrive}
          title="No Models"
          description="Find one in Search Models and press Enter to download it."
          actions={
            <ActionPanel>
              <GoTo title="Search Models" icon={Icon.MagnifyingGlass} command="search-models" />
              <ImportModel client={service.client} />
            </ActionPanel>
          }
        />
      )}
    </List>
  );
}

/** A server that was just asked to start stands where it will stand; one asked to stop stays until it has. */
function runs({ profileId, server, probe }: ModelEntry, expected: ReadonlyMap<string, ExpectedState>): boolean {
  return isRunning(server) || probe !== undefined || expected.has(profileId);
}
