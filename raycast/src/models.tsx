import { List } from "@raycast/api";
import type { Topic } from "./api/events.ts";
import { Gate } from "./views/gate.tsx";
import { ModelList } from "./views/model-list.tsx";

const TOPICS: readonly Topic[] = ["downloads", "engines", "jobs", "models", "profiles", "servers", "settings"];

export default function Models() {
  return (
    <Gate topics={TOPICS} placeholder={<List isLoading searchBarPlaceholder="Search models on this Mac" />}>
      {(service) => <ModelList service={service} />}
    </Gate>
  );
}
