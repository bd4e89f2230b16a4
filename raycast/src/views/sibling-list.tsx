import { ActionPanel, Color, Icon, List } from "@raycast/api";
import { useCachedPromise } from "@raycast/utils";
import { useEffect, useRef } from "react";
import { SearchActions } from "../actions/search-actions.tsx";
import { bodyOf, modelPath } from "../api/client.ts";
import { errorText } from "../api/errors.ts";
import type { HubModel, HubSibling } from "../api/schemas.ts";
import { formatMemory } from "../format/bytes.ts";
import { formatCount } from "../format/count.ts";
import { formatModelSize } from "../format/model-size.ts";
import type { ServiceHandle } from "../hooks/service-handle.ts";
import { fitLook } from "../palette.ts";
import { quantizationText } from "./model-page.tsx";

const LOOK_MS = 1500;
const LOOKS = 6;

/** The other MLX conversions of the same base, most bits first, the best that fits marked. */
export function SiblingList({ model, service }: { model: HubModel; service: ServiceHandle }) {
  const { client, state } = service;
  const { data, isLoading, error, revalidate } = useCachedPromise(
    (id: string) => bodyOf(client.GET("/api/hub/models/{owner}/{name}/siblings", { params: { path: modelPath(id) } })),
    [model.id],
    { onError: () => undefined },
  );
  const local = new Set(state.models.filter(({ complete }) => complete).map(({ id }) => id));
  const items = data?.items ?? [];
  // Exact sizes come in behind the listing. A pushed view hears no events of the one below it, so it asks.
  const asked = useRef(0);
  const isOpen = items.some(({ detailed }) => !detailed);
  useEffect(() => {
    if (!isOpen || isLoading || asked.current >= LOOKS) return;
    const timer = setTimeout(() => {
      asked.current += 1;
      void revalidate();
    }, LOOK_MS);
    return () => clearTimeout(timer);
  }, [isOpen, isLoading, revalidate]);
  return (
    <List isLoading={isLoading} navigationTitle="Compare Quantizations" searchBarPlaceholder="Filter by name">
      <List.Section title={data?.base ?? model.baseModel ?? model.id} subtitle={String(items.length)}>
        {items.map((item) => (
          <List.Item
            key={item.id}
            id={`sibling:${item.id}`}
            icon={local.has(item.id) ? { source: Icon.CheckCircle, tintColor: Color.Green } : Icon.Box}
            title={item.id}
            accessories={accessories(item)}
            actions={
              <ActionPanel>
                <SearchActions model={item} isHere={local.has(item.id)} service={service} isOnPage />
              </ActionPanel>
            }
          />
        ))}
      </List.Section>
      <List.EmptyView
        icon={error === undefined ? Icon.MagnifyingGlass : Icon.Warning}
        title={error === undefined ? "No Other Conversions" : "Not Found Out"}
        description={error === undefined ? "The Hub names no other MLX version of this model." : errorText(error)}
      />
    </List>
  );
}

function accessories(item: HubSibling): List.Item.Accessory[] {
  const fit = fitLook(item.fit.verdict);
  return [
    ...(item.recommended ? [{ tag: { value: "Best That Fits", color: Color.Green } }] : []),
    { tag: quantizationText(item) },
    { text: formatModelSize(item), tooltip: "Download" },
    {
      icon: { source: fit.icon, tintColor: fit.color },
      text: formatMemory(item.fit.neededBytes),
      tooltip: `${fit.label}: memory needed`,
    },
    { icon: Icon.Download, text: formatCount(item.downloads), tooltip: "Downloads" },
  ];
}
