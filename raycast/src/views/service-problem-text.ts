import { Color, Icon } from "@raycast/api";
import type { ServiceStatus } from "../api/check-service.ts";

export const INSTALL_COMMAND = "npm install --global mlx-manager";

export type Problem = Exclude<ServiceStatus, { kind: "ready" }>;

interface ProblemText {
  icon: { source: Icon; tintColor: Color };
  title: string;
  description: string;
}

/** What is wrong and what helps, in a sentence each. */
export function problemText(problem: Problem): ProblemText {
  const { address } = problem.connection;
  switch (problem.kind) {
    case "not-installed":
      return text(Icon.Box, Color.Blue, "Service Not Installed", `Run this in a terminal: ${INSTALL_COMMAND}`);
    case "stopped":
      return text(Icon.Power, Color.Yellow, "Service Not Running", "Press Enter to start it. It goes on by itself.");
    case "unreachable":
      return text(Icon.WifiDisabled, Color.Orange, "Service Not Reached", problem.reason);
    case "port-taken":
      return text(
        Icon.Plug,
        Color.Orange,
        "Port in Use",
        `Another program answers at ${address}. Set MLX_MANAGER_PORT for the service and the same port in Service Address.`,
      );
    case "service-too-old":
      return text(
        Icon.ArrowUpCircle,
        Color.Yellow,
        "Service Too Old",
        `Version ${problem.version} is older than this extension. Update the service: ${INSTALL_COMMAND}@latest`,
      );
    case "extension-too-old":
      return text(
        Icon.ArrowUpCircle,
        Color.Yellow,
        "Extension Too Old",
        `The service is version ${problem.version}, newer than this extension. Update the extension in the Store.`,
      );
    case "key-needed":
      return text(Icon.Key, Color.Yellow, "Key Needed", "The service is locked. Enter its key in the preferences.");
    case "key-refused":
      return text(
        Icon.Key,
        Color.Red,
        "Key Refused",
        problem.connection.keyFromPreferences
          ? "The key in the preferences does not open the service. Enter another one."
          : "The key found on this account does not open the service. Enter its key in the preferences.",
      );
    case "unwell":
      return text(Icon.Heartbeat, Color.Orange, "Service in Trouble", `${problem.reason} Try again in a moment.`);
  }
}

function text(source: Icon, tintColor: Color, title: string, description: string): ProblemText {
  return { icon: { source, tintColor }, title, description };
}
