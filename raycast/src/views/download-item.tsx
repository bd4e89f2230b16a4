import { Color, Icon, List } from "@raycast/api";
import { getProgressIcon } from "@raycast/utils";
import type { ReactNode } from "react";
import type { Download } from "../api/schemas.ts";
import { formatBytes } from "../format/bytes.ts";
import { formatDuration } from "../format/duration.ts";
import { formatPercent, fraction } from "../format/percent.ts";
import { formatRelativeTime } from "../format/relative-time.ts";
import { formatTransferSpeed } from "../format/speed.ts";
import { isActive } from "../format/download-state.ts";
import { downloadLook } from "../palette.ts";
import { DownloadDetail } from "./download-detail.tsx";

interface Props {
  download: Download;
  actions: ReactNode;
  /** With the pane beside it a row has room for one word. */
  isShowingDetail: boolean;
}

/** One download as a row: a ring for the share, then how much, how fast, how long. Its id is the download's own. */
export function DownloadItem({ download, actions, isShowingDetail }: Props) {
  return (
    <List.Item
      id={`download:${download.id}`}
      icon={icon(download)}
      title={isShowingDetail ? nameOf(download.model) : download.model}
      {...(download.error === null || isShowingDetail ? {} : { subtitle: download.error.message })}
      keywords={download.model.split(/[/_.-]/)}
      accessories={isShowingDetail ? accessories(download).slice(0, 1) : accessories(download)}
      detail={<DownloadDetail download={download} />}
      actions={actions}
    />
  );
}

/** Beside the pane the owner would leave no room for the name. */
function nameOf(model: string): string {
  return model.slice(model.indexOf("/") + 1);
}

function icon(download: Download): List.Item.Props["icon"] {
  const { icon: source, color } = downloadLook(download.state);
  if (!isActive(download) || !download.bytesTotal) return { source, tintColor: color };
  return getProgressIcon(fraction(download.bytesDone, download.bytesTotal), color, { background: Color.SecondaryText });
}

function accessories(download: Download): List.Item.Accessory[] {
  const { state, bytesDone, bytesTotal, bytesPerSecond, secondsLeft, error, finishedAt } = download;
  const look = downloadLook(state);
  const tag = { tag: { value: look.label, color: look.color } };
  if (state === "failed") return [{ ...tag, tooltip: error?.message ?? look.label }];
  if (!isActive(download)) {
    return [tag, { text: formatBytes(bytesTotal) }, { text: formatRelativeTime(finishedAt, new Date()) }];
  }
  // The bytes are all here; what moves now is their check.
  const percent = formatPercent(state === "verifying" ? download.bytesVerified : bytesDone, bytesTotal);
  const speed = formatTransferSpeed(bytesPerSecond);
  return [
    state === "downloading" && percent !== "" ? { tag: { value: percent, color: look.color } } : tag,
    ...(state !== "downloading" && percent !== "" ? [{ text: percent }] : []),
    ...(bytesTotal === null ? [] : [{ text: `${formatBytes(bytesDone)} of ${formatBytes(bytesTotal)}` }]),
    ...(state === "downloading" && speed !== "" ? [{ text: speed }] : []),
    ...(state === "downloading" && secondsLeft !== null ? [{ text: `${formatDuration(secondsLeft)} left` }] : []),
    ...(download.priority === "normal"
      ? []
      : [{ icon: download.priority === "high" ? Icon.ArrowUp : Icon.ArrowDown, tooltip: "Priority" }]),
    ...(download.pauseReason === "disk_full" ? [{ icon: Icon.HardDrive, tooltip: "The disk is full." }] : []),
  ];
}
