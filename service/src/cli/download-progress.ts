import type { Download } from "../contract/downloads.ts";
import { formatDuration } from "./format/duration.ts";
import { formatBytes } from "./format/size.ts";
import type { Terminal } from "./terminal.ts";

/** Shows a download: one moving line on a terminal, a plain line for each state and each tenth elsewhere. */
export function createDownloadProgress(terminal: Terminal): (download: Download) => void {
  let lastState = "";
  let lastTenth = 0;
  return (download) => {
    if (terminal.hasStatusLine) return terminal.status(progressLine(download, terminal.statusColumns - 1));
    // The command's own last line says it.
    if (download.state === "completed" || download.state === "failed") return;
    const tenth = Math.floor((shareDone(download) ?? 0) * 10);
    if (download.state !== lastState) terminal.note(stateLine(download));
    else if (tenth > lastTenth) terminal.note(`${tenth * 10} %, ${amounts(download)}`);
    lastState = download.state;
    lastTenth = Math.max(lastTenth, tenth);
  };
}

/** For example `downloading [#######-----] 58%  2.5 GB/4.3 GB  35 MB/s  51s left`. */
export function progressLine(download: Download, columns: number): string {
  const share = shareDone(download);
  const facts = [
    share === null ? "" : `${String(Math.floor(share * 100)).padStart(3)}%`,
    amounts(download),
    download.state === "downloading" && download.bytesPerSecond !== null
      ? `${formatBytes(download.bytesPerSecond)}/s`
      : "",
    download.state === "downloading" && download.secondsLeft !== null
      ? `${formatDuration(download.secondsLeft)} left`
      : "",
  ]
    .filter(Boolean)
    .join("  ");
  const room = columns - download.state.length - facts.length - 5;
  const line =
    share === null || room < 8 ? `${download.state}  ${facts}` : `${download.state} ${bar(share, room)} ${facts}`;
  return line.slice(0, columns).trimEnd();
}

function bar(share: number, room: number): string {
  const width = Math.min(40, room);
  const filled = Math.round(share * width);
  return `[${"#".repeat(filled)}${"-".repeat(width - filled)}]`;
}

function stateLine(download: Download): string {
  const { state, bytesTotal } = download;
  return bytesTotal === null || bytesTotal === 0 ? state : `${state}, ${amounts(download)}`;
}

function amounts({ bytesDone, bytesTotal }: Download): string {
  return bytesTotal === null ? "" : `${formatBytes(bytesDone)}/${formatBytes(bytesTotal)}`;
}

function shareDone({ bytesDone, bytesTotal }: Download): number | null {
  if (bytesTotal === null) return null;
  return bytesTotal === 0 ? 1 : Math.min(1, bytesDone / bytesTotal);
}
