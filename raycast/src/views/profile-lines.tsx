import { List } from "@raycast/api";
import type { Profile } from "../api/schemas.ts";
import { formatMemory } from "../format/bytes.ts";
import { formatContextLength } from "../format/context-length.ts";

const { Metadata } = List.Item.Detail;

/** Which engine a start would take and why, and the bounds that the profile sets itself. */
export function ProfileLines({ profile }: { profile: Profile }) {
  const { engine, engineChoice, limits, lifecycle } = profile;
  const { contextTokens, concurrency, memoryBytes } = limits;
  const bounds = [
    contextTokens === undefined ? "" : `${formatContextLength(contextTokens)} context`,
    concurrency === undefined ? "" : `${concurrency} at once`,
    memoryBytes === undefined ? "" : `${formatMemory(memoryBytes)} of memory`,
  ].filter((bound) => bound !== "");
  return (
    <>
      <Metadata.Label title="Runs In" text={engine} />
      <Metadata.Label title="Why This Engine" text={engineChoice.reason} />
      {bounds.length > 0 && <Metadata.Label title="Limits" text={bounds.join(", ")} />}
      {lifecycle.pinned === true && <Metadata.Label title="Pinned" text="Never unloaded to make room" />}
      {lifecycle.autoStart === true && <Metadata.Label title="Starts" text="With the service" />}
    </>
  );
}
