import { Action, ActionPanel, Icon, Keyboard, List } from "@raycast/api";
import { restartProfile, startProfile, stopProfile } from "../api/requests.ts";
import type { Server } from "../api/schemas.ts";
import { attempt } from "../feedback/failure-toast.ts";
import { isRunning } from "../format/model-entries.ts";
import { troubleText } from "../format/server-lines.ts";
import type { ServiceHandle } from "../hooks/service-handle.ts";
import { serverLook } from "../palette.ts";
import { LastError } from "./last-error.tsx";
import { LogView } from "./log-view.tsx";
import { stateAccessories } from "./model-item.tsx";
import { ServerLines } from "./server-lines.tsx";

const { Metadata } = List.Item.Detail;

interface Props {
  service: ServiceHandle;
  servers: readonly Server[];
  isShowingDetail: boolean;
}

/** Servers without a model on this Mac: those of other services, behind a profile. */
export function OtherServers({ service, servers, isShowingDetail }: Props) {
  if (servers.length === 0) return null;
  return (
    <List.Section title="Served Elsewhere" subtitle={String(servers.length)}>
      {servers.map((server) => {
        const { icon, color, label } = serverLook(server.state);
        const shown = stateAccessories(server, undefined);
        return (
          <List.Item
            key={server.profileId}
            id={`profile:${server.profileId}`}
            icon={{ value: { source: icon, tintColor: color }, tooltip: label }}
            title={server.profile}
            {...(isShowingDetail ? {} : { subtitle: troubleText(server) ?? server.model })}
            accessories={isShowingDetail ? shown.slice(0, 1) : shown}
            detail={
              <List.Item.Detail
                metadata={
                  <Metadata>
                    <Metadata.Label title="Model" text={server.model} />
                    <Metadata.Label title="Server" text={label} />
                    <ServerLines server={server} />
                  </Metadata>
                }
              />
            }
            actions={<ServerActions server={server} service={service} />}
          />
        );
      })}
    </List.Section>
  );
}

function ServerActions({ server, service: { client, connection } }: { server: Server; service: ServiceHandle }) {
  const { profile, profileId } = server;
  const running = isRunning(server);
  return (
    <ActionPanel>
      {running ? (
        <>
          <Action
            title="Stop"
            icon={Icon.Stop}
            onAction={() => attempt(`${profile} Not Stopped`, () => stopProfile(client, profileId))}
          />
          <Action
            title="Restart"
            icon={Icon.ArrowClockwise}
            shortcut={Keyboard.Shortcut.Common.Refresh}
            onAction={() => attempt(`${profile} Not Restarted`, () => restartProfile(client, profileId))}
          />
        </>
      ) : (
        <Action
          title="Start"
          icon={Icon.Play}
          onAction={() => attempt(`${profile} Not Started`, () => startProfile(client, profileId))}
        />
      )}
      {server.lastError !== null && (
        <Action.Push title="Show Last Error" icon={Icon.Warning} target={<LastError server={server} />} />
      )}
      <Action.Push
        title="Show Log"
        icon={Icon.Text}
        target={<LogView title={profile} connection={connection} source={{ server: server.id }} />}
      />
    </ActionPanel>
  );
}
