/**
 * Actions. Every kind becomes an `action` host node with `perform(values)`: what happens when the user chooses it. `values`
 * are those of the surrounding form, gathered by the renderer.
 */
import { createElement } from "react";
import type { ReactNode } from "react";
import { Clipboard, showHUD } from "./feedback.ts";
import { open, showInFinder, trash } from "./host.ts";
import { hostView } from "./host-view.ts";
import type { ViewProps } from "./host-view.ts";
import { useNavigation } from "./navigation.tsx";

type Callback = (...given: never[]) => unknown;
type Perform = (props: Record<string, never>, values: unknown) => unknown;

const Style = { Regular: "regular", Destructive: "destructive" } as const;

function action(kind: string, defaultTitle: string, perform: Perform) {
  const ActionView = (props: ViewProps) =>
    createElement("action", {
      ...props,
      kind,
      title: props.title ?? defaultTitle,
      perform: (values: unknown) => perform(props as Record<string, never>, values),
    });
  ActionView.displayName = `Action.${kind}`;
  return ActionView;
}

function PushAction(props: ViewProps) {
  const { push } = useNavigation();
  const { target, ...plain } = props;
  const perform = () => {
    push(target as ReactNode, props.onPop as (() => void) | undefined);
    call(props.onPush);
  };
  return createElement("action", { ...plain, kind: "Push", perform });
}

export const Action = Object.assign(
  action("Action", "", (props) => call(props.onAction)),
  {
    Style,
    CopyToClipboard: action("CopyToClipboard", "Copy to Clipboard", async (props) => {
      await Clipboard.copy(props.content);
      call(props.onCopy, props.content);
      await showHUD("Copied to Clipboard");
    }),
    CreateQuicklink: action("CreateQuicklink", "Create Quicklink", () => undefined),
    CreateSnippet: action("CreateSnippet", "Create Snippet", () => undefined),
    Open: action("Open", "Open", async (props) => {
      await open(props.target!, props.application);
      call(props.onOpen, props.target);
    }),
    OpenInBrowser: action("OpenInBrowser", "Open in Browser", async (props) => {
      await open(props.url!);
      call(props.onOpen, props.url);
    }),
    OpenWith: action("OpenWith", "Open With", (props) => open(props.path!)),
    Paste: action("Paste", "Paste", async (props) => {
      await Clipboard.paste(props.content);
      call(props.onPaste, props.content);
    }),
    PickDate: action("PickDate", "Pick Date", () => undefined),
    Push: PushAction,
    ShowInFinder: action("ShowInFinder", "Show in Finder", async (props) => {
      await showInFinder(props.path!);
      call(props.onShow, props.path);
    }),
    SubmitForm: action("SubmitForm", "Submit Form", (props, values) => call(props.onSubmit, values)),
    ToggleQuickLook: action("ToggleQuickLook", "Quick Look", () => undefined),
    Trash: action("Trash", "Move to Trash", async (props) => {
      await trash(props.paths!);
      call(props.onTrash, props.paths);
    }),
  },
);

export const ActionPanel = Object.assign(hostView("action-panel"), {
  Section: hostView("action-section"),
  Submenu: hostView("action-submenu"),
  Item: Action,
});

function call(callback: unknown, ...given: unknown[]): unknown {
  return typeof callback === "function" ? (callback as Callback)(...(given as never[])) : undefined;
}
