import { List } from "@raycast/api";
import type { Server } from "../api/schemas.ts";
import { UNKNOWN } from "../format/bytes.ts";
import { formatCount } from "../format/count.ts";
import { formatDuration } from "../format/duration.ts";
import { isRunning } from "../format/model-entries.ts";
import { memoryText, requestsText, unloadText } from "../format/server-lines.ts";
import { formatTokenSpeed } from "../format/speed.ts";
import { uptime } from "../format/uptime.ts";

const { Metadata } = List.Item.Detail;

/** What a server does, takes and waits for; of one that is over, how it ended. */
export function ServerLines({ server }: { server: Server }) {
  const { state, phase, batching, lastError, endedBecause } = server;
  const running = isRunning(server);
  const requests = requestsText(server);
  return (
    <>
      {running && state !== "ready" && phase !== null && <Metadata.Label title="Doing" text={phase} />}
      <Metadata.Label title="Memory" text={memoryText(server)} />
      {requests !== "" && <Metadata.Label title="Requests" text={requests} />}
      <Metadata.Label title="Uptime" text={formatDuration(uptime(server, new Date()))} />
      <Metadata.Label title="Speed" text={formatTokenSpeed(server.tokensPerSecond) || UNKNOWN} />
      <Metadata.Label title="Tokens" text={formatCount(server.totalTokens)} />
      <Metadata.Label title="Restarts" text={String(server.restarts)} />
      {state === "ready" && <Metadata.Label title="Unloads" text={unloadText(server, new Date())} />}
      {batching?.on === false && <Metadata.Label title="Batching" text={batching.reason ?? "Off"} />}
      {server.needsRestart && <Metadata.Label title="Waits for a Restart" text={server.restartKeys.join(", ")} />}
      {state === "evicted" && endedBecause !== null && <Metadata.Label title="Why" text={endedBecause} />}
      {state !== "failed" && lastError !== null && <Metadata.Label title="Last Error" text={lastError.message} />}
    </>
  );
}
