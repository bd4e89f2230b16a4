/** What every list of this extension offers beside the actions of its rows. */
import { Action, ActionPanel, Icon, Keyboard } from "@raycast/api";
import { GoTo } from "./go-to.tsx";

interface Props {
  isShowingDetail: boolean;
  setShowingDetail: (isShowing: boolean) => void;
}

export function ListViewActions({ isShowingDetail, setShowingDetail }: Props) {
  return (
    <ActionPanel.Section>
      <Action
        title={isShowingDetail ? "Hide Details" : "Show Details"}
        icon={Icon.Sidebar}
        shortcut={Keyboard.Shortcut.Common.ToggleQuickLook}
        onAction={() => setShowingDetail(!isShowingDetail)}
      />
      <GoTo
        title="Search Models"
        icon={Icon.MagnifyingGlass}
        command="search-models"
        shortcut={Keyboard.Shortcut.Common.New}
      />
    </ActionPanel.Section>
  );
}
