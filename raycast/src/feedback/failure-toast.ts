import { Clipboard, Keyboard, showToast, Toast } from "@raycast/api";
import { errorReport, errorText, isAbort } from "../api/errors.ts";

/**
 * Says what failed, with the whole report one key away. `next` is the step that helps; it comes first when there is one.
 * An abort is no failure.
 */
export async function showFailure(title: string, error: unknown, next?: Toast.ActionOptions): Promise<void> {
  if (isAbort(error)) return;
  const copy: Toast.ActionOptions = {
    title: "Copy Error",
    shortcut: Keyboard.Shortcut.Common.Copy,
    onAction: async (toast) => {
      await Clipboard.copy(`${title}\n${errorReport(error)}`);
      await toast.hide();
    },
  };
  await showToast({
    style: Toast.Style.Failure,
    title,
    message: errorText(error),
    primaryAction: next ?? copy,
    ...(next === undefined ? {} : { secondaryAction: copy }),
  });
}

/** Does `work`; a failure is shown under `title`, with what helps where `nextStep` knows it, and answered as undefined. */
export async function attempt<Result>(
  title: string,
  work: () => Promise<Result>,
  nextStep: (error: unknown) => Toast.ActionOptions | undefined = () => undefined,
): Promise<Result | undefined> {
  try {
    return await work();
  } catch (error) {
    await showFailure(title, error, nextStep(error));
    return undefined;
  }
}
