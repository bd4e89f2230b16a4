/**
 * What the stand-in for Raycast saw, and what a test scripts for it. One record per test file (Jest gives each file its own
 * module registry); `resetRaycast()` between tests of one file. Tests read `raycast.*`, commands never see this module.
 */
import type { Alert, Toast } from "@raycast/api";

/** A toast as the user saw it last; `history` holds every earlier face of it, oldest first. */
export interface SeenToast {
  style: string | undefined;
  title: string;
  message: string | undefined;
  primaryAction: Toast.ActionOptions | undefined;
  secondaryAction: Toast.ActionOptions | undefined;
  visible: boolean;
  history: { style: string | undefined; title: string; message: string | undefined }[];
}

export interface RaycastRecord {
  toasts: SeenToast[];
  huds: string[];
  alerts: Alert.Options[];
  /** Answers for the next alerts, first come first served. Without one an alert is dismissed, as by Escape. */
  alertAnswers: boolean[];
  clipboard: unknown[];
  pasted: unknown[];
  opened: { target: string; application: string | undefined }[];
  trashed: string[];
  launches: { name: string; type: string; arguments?: unknown; context?: unknown }[];
  /** Commands the user switched off: launching one throws, as in Raycast. */
  disabledCommands: Set<string>;
  openedPreferences: ("extension" | "command")[];
  windowClosed: number;
  poppedToRoot: number;
  subtitle: string | null | undefined;
  exceptions: unknown[];
  /** Laid over the defaults of the manifest. */
  preferences: Record<string, unknown>;
  environment: { appearance: "light" | "dark"; commandName: string; launchType: string; isDevelopment: boolean };
  /** Storage that outlives a command: cache namespaces and the local storage. */
  caches: Map<string, Map<string, string>>;
  localStorage: Map<string, string | number | boolean>;
}

function fresh(): RaycastRecord {
  return {
    toasts: [],
    huds: [],
    alerts: [],
    alertAnswers: [],
    clipboard: [],
    pasted: [],
    opened: [],
    trashed: [],
    launches: [],
    disabledCommands: new Set(),
    openedPreferences: [],
    windowClosed: 0,
    poppedToRoot: 0,
    subtitle: undefined,
    exceptions: [],
    preferences: {},
    environment: { appearance: "dark", commandName: "", launchType: "userInitiated", isDevelopment: false },
    caches: new Map(),
    localStorage: new Map(),
  };
}

export const raycast: RaycastRecord = fresh();

/** Forgets everything seen, scripted and stored. */
export function resetRaycast(): void {
  Object.assign(raycast, fresh());
}

const listeners = new Set<() => void>();

/** Calls `listener` after every recorded happening; the renderer re-checks what a test waits for. Returns the way out. */
export function onRecorded(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The stand-in calls this after it changed the record. */
export function noteRecorded(): void {
  for (const listener of listeners) listener();
}

/** The newest toast still on screen. */
export function visibleToast(): SeenToast | undefined {
  return raycast.toasts.findLast((toast) => toast.visible);
}
