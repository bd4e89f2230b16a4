/**
 * Stand-in for `@raycast/api`, which has no run-time part outside Raycast. Jest maps the package name to this file; it
 * serves our commands and what `@raycast/utils` imports. Views become host nodes for `test/tools/raycast-render.tsx`,
 * everything else is recorded in `raycast/record.ts`.
 */
export { Action, ActionPanel } from "./raycast/actions.tsx";
export { Alert, Clipboard, confirmAlert, showHUD, showToast, Toast } from "./raycast/feedback.ts";
export {
  AI,
  captureException,
  closeMainWindow,
  environment,
  getApplications,
  getPreferenceValues,
  getSelectedText,
  launchCommand,
  open,
  openCommandPreferences,
  openExtensionPreferences,
  showInFinder,
  trash,
  updateCommandMetadata,
} from "./raycast/host.ts";
export { Color, Icon, Image, Keyboard, LaunchType, PopToRootType } from "./raycast/names.ts";
export { popToRoot, useNavigation } from "./raycast/navigation.tsx";
export { Cache, LocalStorage, OAuth } from "./raycast/storage.ts";
export { Detail, Form, Grid, List, MenuBarExtra } from "./raycast/views.tsx";
