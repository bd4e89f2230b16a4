import { Action, launchCommand, LaunchType } from "@raycast/api";
import type { Icon, Keyboard } from "@raycast/api";
import { attempt } from "../feedback/failure-toast.ts";

interface Props {
  title: string;
  icon: Icon;
  command: "search-models" | "models" | "downloads" | "ask-local-model";
  context?: Record<string, string>;
  shortcut?: Keyboard.Shortcut;
}

/** Opens another command of ours; one the user switched off is said to be so. */
export function GoTo({ title, icon, command, context, shortcut }: Props) {
  const open = () =>
    attempt("Command Not Opened", () =>
      launchCommand({ name: command, type: LaunchType.UserInitiated, ...(context === undefined ? {} : { context }) }),
    );
  return <Action title={title} icon={icon} onAction={open} {...(shortcut === undefined ? {} : { shortcut })} />;
}
