import { List } from "@raycast/api";
import type { Topic } from "./api/events.ts";
import { Gate } from "./views/gate.tsx";
import { SearchList } from "./views/search-list.tsx";
import { SEARCH_PLACEHOLDER } from "./views/search-texts.ts";

const TOPICS: readonly Topic[] = ["downloads", "hub", "models", "settings"];

export default function SearchModels() {
  return (
    <Gate topics={TOPICS} placeholder={<List isLoading searchBarPlaceholder={SEARCH_PLACEHOLDER} />}>
      {(service) => <SearchList service={service} />}
    </Gate>
  );
}
