import { Action, ActionPanel, Detail, Icon, Keyboard } from "@raycast/api";
import { usePromise } from "@raycast/utils";
import { useRef } from "react";
import type { Connection } from "../api/connection.ts";
import { errorText } from "../api/errors.ts";
import { fetchLog } from "../api/logs.ts";
import type { LogSource } from "../api/logs.ts";
import { fenced } from "../format/fence.ts";

interface Props {
  title: string;
  connection: Connection;
  source: LogSource;
}

/** The end of a log. A pushed view: it brings its own connection, what stands below may be gone. */
export function LogView({ title, connection, source }: Props) {
  const abortable = useRef<AbortController>(null);
  const { data, error, isLoading, revalidate } = usePromise(
    (where: LogSource) => fetchLog(connection, where, (abortable.current ?? new AbortController()).signal),
    [source],
    { abortable, onError: () => undefined },
  );
  return (
    <Detail
      navigationTitle={title}
      isLoading={isLoading}
      markdown={logMarkdown(data, error)}
      actions={
        <ActionPanel>
          <Action.CopyToClipboard
            title="Copy Log"
            icon={Icon.CopyClipboard}
            content={data ?? errorText(error)}
            shortcut={Keyboard.Shortcut.Common.Copy}
          />
          <Action
            title="Refresh"
            icon={Icon.ArrowClockwise}
            shortcut={Keyboard.Shortcut.Common.Refresh}
            onAction={() => void revalidate()}
          />
        </ActionPanel>
      }
    />
  );
}

function logMarkdown(log: string | undefined, error: unknown): string {
  if (error !== undefined) return `**The log could not be read**\n\n${errorText(error)}`;
  if (log === undefined) return "";
  return log.trim() === "" ? "The log is empty." : fenced(log.trimEnd());
}
