import { ActionPanel, Color, Icon, List } from "@raycast/api";
import { getProgressIcon } from "@raycast/utils";
import type { ReactNode } from "react";
import { EngineActions } from "../actions/engine-actions.tsx";
import type { Server } from "../api/schemas.ts";
import { formatBytes, UNKNOWN } from "../format/bytes.ts";
import { isRunning } from "../format/model-entries.ts";
import { fraction } from "../format/percent.ts";
import { formatRelativeTime } from "../format/relative-time.ts";
import type { ServiceHandle } from "../hooks/service-handle.ts";
import { engineLook } from "../palette.ts";
import { engineNews, engineRow, updateVersion } from "./engine-text.ts";
import type { EngineNews } from "./engine-text.ts";

const { Metadata } = List.Item.Detail;

interface Props {
  service: ServiceHandle;
  isShowingDetail: boolean;
  children: ReactNode;
}

/** The engines of this machine, below the models. One that holds everything up stands above them instead. */
export function EngineList({ service, isShowingDetail, children }: Props) {
  const { engines, jobs, servers } = service.state;
  const onTop = engineNews(service.state)?.engine.id;
  const rows = engines.filter(({ id }) => id !== onTop).map((engine) => engineRow(engine, jobs));
  if (rows.length === 0) return null;
  return (
    <List.Section title="Engines">
      {rows.map((row) => (
        <List.Item
          key={row.engine.id}
          id={`engine:${row.engine.id}`}
          icon={icon(row)}
          title={row.title}
          {...(isShowingDetail ? {} : { subtitle: row.description })}
          keywords={["engine"]}
          accessories={isShowingDetail ? [stateTag(row)] : accessories(row, servers)}
          detail={<EngineDetail row={row} />}
          actions={
            <ActionPanel>
              <EngineActions news={row} service={service} />
              {children}
            </ActionPanel>
          }
        />
      ))}
    </List.Section>
  );
}

function icon({ engine, job }: EngineNews): List.Item.Props["icon"] {
  const look = engineLook(engine.state);
  const share = fraction(job?.done, job?.total);
  return share > 0 ? getProgressIcon(share, look.color) : { source: look.icon, tintColor: look.color };
}

function stateTag({ engine, job }: EngineNews): List.Item.Accessory {
  const look = engineLook(engine.state);
  const value = job?.kind === "engine-remove" ? "Removing" : look.label;
  return { tag: { value, color: look.color }, tooltip: engine.reason?.message ?? value };
}

function accessories(row: EngineNews, servers: readonly Server[]): List.Item.Accessory[] {
  const { engine } = row;
  const update = updateVersion(engine);
  const running = servers.filter((server) => server.engine === engine.id && isRunning(server)).length;
  return [
    ...(running === 0 ? [] : [{ icon: Icon.CircleFilled, text: String(running), tooltip: "Running servers" }]),
    ...(update === undefined ? [] : [{ tag: { value: `Update ${update}`, color: Color.Blue } }]),
    ...(engine.sizeBytes === null ? [] : [{ text: formatBytes(engine.sizeBytes), tooltip: "On disk" }]),
    stateTag(row),
  ];
}

function EngineDetail({ row: { engine, description } }: { row: EngineNews }) {
  const { version, availableVersion, previousVersion, pythonVersion, sizeBytes, installedAt, reason } = engine;
  return (
    <List.Item.Detail
      metadata={
        <Metadata>
          <Metadata.Label title="Engine" text={engine.id} />
          <Metadata.Label title="State" text={engineLook(engine.state).label} />
          <Metadata.Label title="Now" text={description} />
          <Metadata.Label title="Version" text={version ?? UNKNOWN} />
          <Metadata.Label title="Available" text={availableVersion} />
          <Metadata.Label title="Version Before" text={previousVersion ?? UNKNOWN} />
          <Metadata.Label title="Python" text={pythonVersion ?? UNKNOWN} />
          <Metadata.Label title="Size" text={formatBytes(sizeBytes)} />
          <Metadata.Label title="Installed" text={formatRelativeTime(installedAt, new Date())} />
          {reason !== null && <Metadata.Label title="Why" text={reason.message} />}
        </Metadata>
      }
    />
  );
}
