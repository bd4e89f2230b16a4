import { ActionPanel, List } from "@raycast/api";
import { useCachedState } from "@raycast/utils";
import { useState } from "react";
import { DownloadActions } from "../actions/download-actions.tsx";
import { SearchActions } from "../actions/search-actions.tsx";
import { SearchViewActions } from "../actions/search-view-actions.tsx";
import type { HubFilters, HubModel, HubSort } from "../api/schemas.ts";
import { useHubSearch } from "../hooks/use-hub-search.ts";
import { useModelDetail } from "../hooks/use-model-detail.ts";
import { useSessionDownloads } from "../hooks/use-session-downloads.ts";
import { DownloadItem } from "./download-item.tsx";
import { HubModelItem } from "./hub-model-item.tsx";
import { SearchEmpty } from "./search-empty.tsx";
import { provenanceText, resultsTitle, SEARCH_PLACEHOLDER, SORTS } from "./search-texts.ts";
import type { ServiceHandle } from "../hooks/service-handle.ts";

const RESULT = "hub:";

/**
 * Search on top, downloads under it, results below (MODELS-01). A model that is being downloaded leaves the results and
 * stands above with its progress (MODELS-02); results never show any (MODELS-03).
 */
export function SearchList({ service }: { service: ServiceHandle }) {
  const [query, setQuery] = useState("");
  const [author, setAuthor] = useState<string>();
  const [sort, setSort] = useState<HubSort>("downloads");
  const [filters, setFilters] = useCachedState<HubFilters>("search-filters", {});
  const [selected, setSelected] = useState<string | null>(null);
  const [isShowingDetail, setShowingDetail] = useCachedState("search-detail", true);
  const { client, state } = service;
  const search = useHubSearch(client, { query, author, sort, filters });
  const downloads = useSessionDownloads(state.downloads);

  const onTop = new Set(downloads.map(({ model }) => model));
  const local = new Set(state.models.filter(({ complete }) => complete).map(({ id }) => id));
  const results = unique(search.results)
    .filter(({ id }) => !onTop.has(id))
    .map((model) => (model.detailed ? model : (state.hubModels.get(model.id) ?? model)));
  const selectedModel = selected?.startsWith(RESULT) ? selected.slice(RESULT.length) : undefined;
  const exact = useModelDetail(client, isShowingDetail ? selectedModel : undefined);
  const isEmpty = downloads.length + results.length === 0;
  const defaultAuthor = state.settings?.hubAuthor.value;
  const viewActions = (rowAuthor?: string) => (
    <SearchViewActions
      {...(rowAuthor === undefined ? {} : { rowAuthor })}
      author={author ?? defaultAuthor}
      defaultAuthor={defaultAuthor}
      setAuthor={setAuthor}
      filters={filters}
      setFilters={setFilters}
      isShowingDetail={isShowingDetail}
      setShowingDetail={setShowingDetail}
      refresh={() => void search.revalidate()}
    />
  );

  return (
    <List
      isLoading={search.isLoading}
      isShowingDetail={isShowingDetail && !isEmpty}
      filtering={false}
      throttle
      onSearchTextChange={setQuery}
      onSelectionChange={setSelected}
      pagination={search.pagination}
      searchBarPlaceholder={SEARCH_PLACEHOLDER}
      searchBarAccessory={
        <List.Dropdown tooltip="Sort Results" storeValue onChange={(value) => setSort(value as HubSort)}>
          {SORTS.map(({ value, title }) => (
            <List.Dropdown.Item key={value} value={value} title={title} />
          ))}
        </List.Dropdown>
      }
    >
      {downloads.length > 0 && (
        <List.Section title="Downloading" subtitle={String(downloads.length)}>
          {downloads.map((download) => (
            <DownloadItem
              key={download.id}
              download={download}
              isShowingDetail={isShowingDetail}
              actions={
                <ActionPanel>
                  <DownloadActions download={download} service={service} />
                  {viewActions()}
                </ActionPanel>
              }
            />
          ))}
        </List.Section>
      )}
      {results.length > 0 && (
        <List.Section
          title={resultsTitle(author ?? defaultAuthor, filters)}
          subtitle={provenanceText(search.provenance)}
        >
          {results.map((model) => (
            <HubModelItem
              key={model.id}
              id={`${RESULT}${model.id}`}
              model={model}
              isHere={model.here || local.has(model.id)}
              isShowingDetail={isShowingDetail}
              exact={model.id === selectedModel ? exact : undefined}
              actions={
                <ActionPanel>
                  <SearchActions model={model} isHere={model.here || local.has(model.id)} service={service} />
                  {viewActions(model.author)}
                </ActionPanel>
              }
            />
          ))}
        </List.Section>
      )}
      {!search.isLoading && isEmpty && (
        <SearchEmpty
          query={query}
          author={author ?? defaultAuthor}
          filters={filters}
          source={search.provenance.source}
          error={search.error}
        >
          {viewActions()}
        </SearchEmpty>
      )}
    </List>
  );
}

/** A page may repeat a model when the Hub's order changed between two requests; two rows of one id confuse the selection. */
function unique(models: readonly HubModel[]): HubModel[] {
  return [...new Map(models.map((model) => [model.id, model])).values()];
}
