import { List } from "@raycast/api";
import type { Topic } from "./api/events.ts";
import { DownloadList } from "./views/download-list.tsx";
import { Gate } from "./views/gate.tsx";

const TOPICS: readonly Topic[] = ["downloads"];

export default function Downloads() {
  return (
    <Gate topics={TOPICS} placeholder={<List isLoading searchBarPlaceholder="Search downloads" />}>
      {(service) => <DownloadList service={service} />}
    </Gate>
  );
}
