import { Action, ActionPanel, Icon, Keyboard } from "@raycast/api";
import type { HubFilters } from "../api/schemas.ts";
import { FilterActions } from "./filter-actions.tsx";

interface Props {
  author: string | undefined;
  /** Whose the selected model is. */
  rowAuthor?: string;
  /** The service's setting; undefined while it is not known. */
  defaultAuthor: string | undefined;
  /** Undefined restores the default, an empty text searches all. */
  setAuthor(author: string | undefined): void;
  filters: HubFilters;
  setFilters(filters: HubFilters): void;
  isShowingDetail: boolean;
  setShowingDetail(isShowing: boolean): void;
  refresh(): void;
}

/** What concerns the whole list, the same under every row and under the empty view. */
export function SearchViewActions(props: Props) {
  const { author, rowAuthor, defaultAuthor, setAuthor, isShowingDetail, setShowingDetail, refresh } = props;
  return (
    <ActionPanel.Section>
      <FilterActions filters={props.filters} setFilters={props.setFilters} />
      {author !== "" && <Action title="Search All Authors" icon={Icon.TwoPeople} onAction={() => setAuthor("")} />}
      {defaultAuthor !== undefined && defaultAuthor !== "" && author !== defaultAuthor && (
        <Action title={`Search Only ${defaultAuthor}`} icon={Icon.Person} onAction={() => setAuthor(undefined)} />
      )}
      {rowAuthor !== undefined && rowAuthor !== author && rowAuthor !== defaultAuthor && (
        <Action title={`Search Only ${rowAuthor}`} icon={Icon.Person} onAction={() => setAuthor(rowAuthor)} />
      )}
      <Action
        title={isShowingDetail ? "Hide Details" : "Show Details"}
        icon={Icon.Sidebar}
        shortcut={Keyboard.Shortcut.Common.ToggleQuickLook}
        onAction={() => setShowingDetail(!isShowingDetail)}
      />
      <Action
        title="Refresh"
        icon={Icon.ArrowClockwise}
        shortcut={Keyboard.Shortcut.Common.Refresh}
        onAction={refresh}
      />
    </ActionPanel.Section>
  );
}
