import { Action, ActionPanel, Icon, Keyboard, openExtensionPreferences } from "@raycast/api";
import type { ReactNode } from "react";
import type { ServiceStatus } from "../api/check-service.ts";
import { startService } from "./start-service.ts";
import { INSTALL_COMMAND } from "../views/service-problem-text.ts";
import type { Problem } from "../views/service-problem-text.ts";

const STORE_PAGE = "https://www.raycast.com/mlx-manager/mlx-manager";

interface Props {
  problem: Problem;
  retry: () => Promise<ServiceStatus | undefined>;
}

/** The step that helps first, the others after it. Nothing is ever installed from here. */
export function ServiceProblemActions({ problem, retry }: Props) {
  const tryAgain = (
    <Action
      title="Try Again"
      icon={Icon.ArrowClockwise}
      shortcut={Keyboard.Shortcut.Common.Refresh}
      onAction={() => void retry()}
    />
  );
  const preferences = (
    <Action title="Open Preferences" icon={Icon.Gear} onAction={() => void openExtensionPreferences()} />
  );
  const others = (
    <ActionPanel.Section>
      {problem.kind === "unreachable" || problem.kind === "unwell" ? null : tryAgain}
      {problem.kind === "key-needed" || problem.kind === "key-refused" ? null : preferences}
      <Action.CopyToClipboard
        title="Copy Doctor Command"
        icon={Icon.Heartbeat}
        content="mlx-manager doctor"
        shortcut={Keyboard.Shortcut.Common.CopyName}
      />
    </ActionPanel.Section>
  );
  return (
    <>
      <ActionPanel.Section>{firstStep(problem, retry, tryAgain, preferences)}</ActionPanel.Section>
      {others}
    </>
  );
}

function firstStep(problem: Problem, retry: Props["retry"], tryAgain: ReactNode, preferences: ReactNode): ReactNode {
  switch (problem.kind) {
    case "not-installed":
      return <CopyCommand title="Copy Install Command" command={INSTALL_COMMAND} />;
    case "stopped":
      return <Action title="Start Service" icon={Icon.Play} onAction={() => startService(problem, retry)} />;
    case "service-too-old":
      return <CopyCommand title="Copy Update Command" command={`${INSTALL_COMMAND}@latest`} />;
    case "extension-too-old":
      return <Action.OpenInBrowser title="Open Extension in Store" icon={Icon.ArrowUpCircle} url={STORE_PAGE} />;
    case "port-taken":
    case "key-needed":
    case "key-refused":
      return problem.kind === "port-taken" ? <CopyPortCheck problem={problem} /> : preferences;
    case "unreachable":
    case "unwell":
      return tryAgain;
  }
}

function CopyCommand({ title, command }: { title: string; command: string }) {
  return (
    <Action.CopyToClipboard
      title={title}
      icon={Icon.Terminal}
      content={command}
      shortcut={Keyboard.Shortcut.Common.Copy}
    />
  );
}

/** Names the program on the port: only then can the user decide which of the two moves. */
function CopyPortCheck({ problem }: { problem: Problem }) {
  const { port } = new URL(problem.connection.address);
  return <CopyCommand title="Copy Command to Find It" command={`lsof -nP -iTCP:${port || "80"} -sTCP:LISTEN`} />;
}
