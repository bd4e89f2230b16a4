import { Action, ActionPanel, Detail, Icon, Keyboard } from "@raycast/api";
import type { Server } from "../api/schemas.ts";
import { fenced } from "../format/fence.ts";

/** Why a server failed, with the last lines of its engine. */
export function lastErrorMarkdown({ state, lastError, stderrTail }: Server): string {
  const heading = state === "failed" ? "Failed" : "Last Error";
  const reason = lastError === null ? "The service knows no reason." : lastError.message;
  const tail = stderrTail.length === 0 ? "" : `\n\n**Last lines of the engine**\n\n${fenced(stderrTail.join("\n"))}`;
  return `**${heading}**\n\n${reason}${tail}`;
}

export function lastErrorReport({ model, engine, lastError, stderrTail }: Server): string {
  const code = lastError === null ? "" : `${lastError.code}: ${lastError.message}`;
  return [`${model} on ${engine}`, code, ...stderrTail].filter((line) => line !== "").join("\n");
}

/** The failure in full. */
export function LastError({ server }: { server: Server }) {
  return (
    <Detail
      navigationTitle={server.model}
      markdown={lastErrorMarkdown(server)}
      actions={
        <ActionPanel>
          <Action.CopyToClipboard
            title="Copy Error"
            icon={Icon.CopyClipboard}
            content={lastErrorReport(server)}
            shortcut={Keyboard.Shortcut.Common.Copy}
          />
        </ActionPanel>
      }
    />
  );
}
