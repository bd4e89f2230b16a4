import { Color, Icon, List } from "@raycast/api";
import type { ReactNode } from "react";
import type { Job, Server } from "../api/schemas.ts";
import { formatBytes, formatMemory } from "../format/bytes.ts";
import { formatDuration } from "../format/duration.ts";
import { jobProgressText, jobTitle } from "../format/job-text.ts";
import { isRunning } from "../format/model-entries.ts";
import type { ModelEntry } from "../format/model-entries.ts";
import { formatPercent } from "../format/percent.ts";
import { memoryText, requestsText, troubleText } from "../format/server-lines.ts";
import { formatTokenSpeed } from "../format/speed.ts";
import { uptime } from "../format/uptime.ts";
import type { ExpectedState } from "../hooks/use-server-toggle.ts";
import { jobLook, serverLook } from "../palette.ts";
import { ModelDetailPane } from "./model-detail.tsx";

interface Props {
  entry: ModelEntry;
  expected: ExpectedState | undefined;
  isShowingDetail: boolean;
  actions: ReactNode;
}

/** A model on this Mac with the state of its server. */
export function ModelItem({ entry, expected, isShowingDetail, actions }: Props) {
  const { id, title, model, isNamed } = entry;
  const [owner = "", name = ""] = title.split("/");
  const shown = accessories(entry, expected);
  const trouble = expected === undefined && entry.server !== undefined ? troubleText(entry.server) : undefined;
  return (
    <List.Item
      id={id}
      icon={icon(entry, expected)}
      title={isNamed ? title : name}
      {...(isShowingDetail ? {} : { subtitle: trouble ?? (isNamed ? model.id : owner) })}
      keywords={model.id.split(/[/_.-]/)}
      accessories={isShowingDetail ? shown.slice(0, 1) : shown}
      detail={<ModelDetailPane entry={entry} expected={expected} />}
      actions={actions}
    />
  );
}

function icon({ server, model }: ModelEntry, expected: ExpectedState | undefined): List.Item.Props["icon"] {
  if (expected === undefined && !model.complete) {
    return {
      value: { source: Icon.CircleEllipsis, tintColor: Color.Orange },
      tooltip: model.problem ?? "Not all files are here",
    };
  }
  const look = serverLook(expected ?? server?.state ?? "stopped");
  return { value: { source: look.icon, tintColor: look.color }, tooltip: look.label };
}

function accessories(
  { server, model, jobs, probe }: ModelEntry,
  expected: ExpectedState | undefined,
): List.Item.Accessory[] {
  return [
    ...stateAccessories(server, expected),
    ...jobs.map(jobAccessory),
    ...(probe === undefined ? [] : [memoryAccessory(probe)]),
    ...(model.demo
      ? [{ tag: { value: "demo", color: Color.Purple }, tooltip: "Tiny: answers about MLX Manager" }]
      : []),
    ...(model.isDefault ? [{ icon: { source: Icon.Star, tintColor: Color.Yellow }, tooltip: "Default model" }] : []),
    ...(model.updateAvailable === true
      ? [{ icon: { source: Icon.ArrowUpCircle, tintColor: Color.Blue }, tooltip: "A newer revision is on the Hub" }]
      : []),
    ...(model.quantization === null ? [] : [{ tag: model.quantization.label }]),
    { text: formatBytes(model.sizeBytes), tooltip: "On disk" },
  ];
}

/** What a server is and does, beside its name; nothing for one that is over and well. */
export function stateAccessories(
  server: ModelEntry["server"],
  expected: ExpectedState | undefined,
): List.Item.Accessory[] {
  const state = expected ?? server?.state;
  if (state === undefined || state === "stopped" || state === "evicted") return [];
  const look = serverLook(state);
  const trouble = server === undefined ? undefined : troubleText(server);
  const tag = { tag: { value: look.label, color: look.color }, tooltip: trouble ?? look.label };
  if (expected !== undefined || !isRunning(server)) return [tag];
  const speed = formatTokenSpeed(server.tokensPerSecond);
  const up = uptime(server, new Date());
  const requests = requestsText(server);
  return [
    tag,
    ...(server.needsRestart ? [restartMark(server)] : []),
    ...(server.state !== "ready" && server.phase !== null ? [{ text: server.phase }] : []),
    ...(server.pinned ? [{ icon: Icon.Tack, tooltip: "Pinned: never unloaded to make room" }] : []),
    ...(requests === "" ? [] : [{ text: requests, tooltip: "Requests" }]),
    ...(speed === "" ? [] : [{ text: speed, tooltip: "Speed of the last answers" }]),
    ...(server.memory === null ? [] : [memoryAccessory(server)]),
    ...(up === undefined ? [] : [{ icon: Icon.Clock, text: formatDuration(up), tooltip: "Ready since" }]),
  ];
}

function memoryAccessory(server: Server): List.Item.Accessory {
  return { icon: Icon.MemoryChip, text: formatMemory(server.memory?.footprintBytes), tooltip: memoryText(server) };
}

function jobAccessory(job: Job): List.Item.Accessory {
  const percent = formatPercent(job.done, job.total);
  const value = [jobTitle(job.kind), percent].filter((part) => part !== "").join(" ");
  return { tag: { value, color: jobLook(job.state).color }, tooltip: jobProgressText(job) };
}

/** The profile has changed since the start. */
function restartMark({ restartKeys }: Pick<Server, "restartKeys">): List.Item.Accessory {
  const icon = { source: Icon.ArrowClockwise, tintColor: Color.Orange };
  return { icon, tooltip: `Restart to take up ${restartKeys.join(", ")}` };
}
