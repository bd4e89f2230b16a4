import { List } from "@raycast/api";
import type { Download } from "../api/schemas.ts";
import { formatBytes, UNKNOWN } from "../format/bytes.ts";
import { formatDuration } from "../format/duration.ts";
import { formatPercent } from "../format/percent.ts";
import { formatTransferSpeed } from "../format/speed.ts";
import { downloadLook } from "../palette.ts";

const { Metadata } = List.Item.Detail;

/** The pane beside a download. */
export function DownloadDetail({ download }: { download: Download }) {
  const { label, color } = downloadLook(download.state);
  const { bytesDone, bytesTotal, filesDone, filesTotal, error } = download;
  return (
    <List.Item.Detail
      {...(error === null ? {} : { markdown: `**${label}**\n\n${error.message}` })}
      metadata={
        <Metadata>
          <Metadata.Label title="Model" text={download.model} />
          <Metadata.TagList title="State">
            <Metadata.TagList.Item text={label} color={color} />
          </Metadata.TagList>
          <Metadata.Label title="Progress" text={formatPercent(bytesDone, bytesTotal) || UNKNOWN} />
          <Metadata.Label title="Size" text={`${formatBytes(bytesDone)} of ${formatBytes(bytesTotal)}`} />
          <Metadata.Label title="Verified" text={formatPercent(download.bytesVerified, bytesTotal) || UNKNOWN} />
          <Metadata.Label title="Files" text={`${filesDone} of ${filesTotal ?? UNKNOWN}`} />
          <Metadata.Label title="Speed" text={formatTransferSpeed(download.bytesPerSecond) || UNKNOWN} />
          <Metadata.Label title="Connections" text={String(download.connections)} />
          <Metadata.Label title="Time Left" text={formatDuration(download.secondsLeft)} />
          <Metadata.Separator />
          <Metadata.Label title="Revision" text={download.commit?.slice(0, 12) ?? download.revision} />
        </Metadata>
      }
    />
  );
}
