/** Toasts, HUDs, alerts, the clipboard: everything a command says or asks outside its view, recorded. */
import type { Alert as RaycastAlert, Toast as RaycastToast } from "@raycast/api";
import { noteRecorded, raycast } from "./record.ts";
import type { SeenToast } from "./record.ts";

const ToastStyle = { Success: "SUCCESS", Failure: "FAILURE", Animated: "ANIMATED" } as const;

/**
 * One toast. As in Raycast a toast shows nothing before `show()`, and setting a property changes the visible one.
 */
export class Toast {
  static Style = ToastStyle;
  readonly #seen: SeenToast;
  #shown = false;

  constructor(options: RaycastToast.Options) {
    const { style, title, message, primaryAction, secondaryAction } = options;
    this.#seen = {
      style: style ?? ToastStyle.Success,
      title,
      message,
      primaryAction,
      secondaryAction,
      visible: false,
      history: [],
    };
  }

  get style() {
    return this.#seen.style;
  }
  set style(style) {
    this.#change({ style });
  }
  get title() {
    return this.#seen.title;
  }
  set title(title) {
    this.#change({ title });
  }
  get message() {
    return this.#seen.message;
  }
  set message(message) {
    this.#change({ message });
  }
  get primaryAction() {
    return this.#seen.primaryAction;
  }
  set primaryAction(primaryAction) {
    this.#change({ primaryAction });
  }
  get secondaryAction() {
    return this.#seen.secondaryAction;
  }
  set secondaryAction(secondaryAction) {
    this.#change({ secondaryAction });
  }

  async show() {
    // A window shows one toast: the new one takes the place of the old.
    for (const toast of raycast.toasts) toast.visible = false;
    if (!this.#shown) raycast.toasts.push(this.#seen);
    this.#shown = true;
    this.#seen.visible = true;
    noteRecorded();
  }

  async hide() {
    this.#seen.visible = false;
    noteRecorded();
  }

  #change(change: Partial<SeenToast>) {
    const { style, title, message } = this.#seen;
    this.#seen.history.push({ style, title, message });
    Object.assign(this.#seen, change);
    noteRecorded();
  }
}

export async function showToast(
  first: RaycastToast.Options | string,
  title?: string,
  message?: string,
): Promise<Toast> {
  const options = typeof first === "string" ? { style: first, title: title ?? "", message } : first;
  const toast = new Toast(options as RaycastToast.Options);
  await toast.show();
  return toast;
}

export async function showHUD(title: string): Promise<void> {
  raycast.huds.push(title);
  raycast.windowClosed += 1;
  noteRecorded();
}

export const Alert = { ActionStyle: { Default: "default", Cancel: "cancel", Destructive: "destructive" } } as const;

export async function confirmAlert(options: RaycastAlert.Options): Promise<boolean> {
  raycast.alerts.push(options);
  const confirmed = raycast.alertAnswers.shift() ?? false;
  noteRecorded();
  (confirmed ? options.primaryAction : options.dismissAction)?.onAction?.();
  return confirmed;
}

export const Clipboard = {
  async copy(content: unknown) {
    raycast.clipboard.push(content);
    noteRecorded();
  },
  async paste(content: unknown) {
    raycast.pasted.push(content);
    noteRecorded();
  },
  async clear() {
    raycast.clipboard.push("");
    noteRecorded();
  },
  async read() {
    return { text: textOf(raycast.clipboard.at(-1)) };
  },
  async readText() {
    return raycast.clipboard.length === 0 ? undefined : textOf(raycast.clipboard.at(-1));
  },
};

function textOf(content: unknown): string {
  if (content !== null && typeof content === "object" && "text" in content) return String(content.text);
  return content === undefined ? "" : String(content);
}
