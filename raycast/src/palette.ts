import { Color, Icon } from "@raycast/api";

/** How a state looks everywhere: one icon, one color, one word. */
export interface Look {
  icon: Icon;
  color: Color;
  label: string;
}

// A service newer than this extension may know more states: they are shown by name, in a neutral look.
function lookUp(looks: Record<string, Look>, state: string): Look {
  return looks[state] ?? { icon: Icon.QuestionMarkCircle, color: Color.SecondaryText, label: state };
}

const SERVERS: Record<string, Look> = {
  queued: { icon: Icon.Clock, color: Color.SecondaryText, label: "Queued" },
  starting: { icon: Icon.CircleProgress25, color: Color.Yellow, label: "Starting" },
  warming: { icon: Icon.CircleProgress75, color: Color.Yellow, label: "Warming Up" },
  ready: { icon: Icon.CircleFilled, color: Color.Green, label: "Ready" },
  unhealthy: { icon: Icon.ExclamationMark, color: Color.Orange, label: "Unhealthy" },
  restarting: { icon: Icon.ArrowClockwise, color: Color.Orange, label: "Restarting" },
  stopping: { icon: Icon.CircleProgress50, color: Color.SecondaryText, label: "Stopping" },
  stopped: { icon: Icon.Circle, color: Color.SecondaryText, label: "Stopped" },
  evicted: { icon: Icon.Eject, color: Color.SecondaryText, label: "Unloaded" },
  failed: { icon: Icon.XMarkCircle, color: Color.Red, label: "Failed" },
};

const DOWNLOADS: Record<string, Look> = {
  queued: { icon: Icon.Clock, color: Color.SecondaryText, label: "Queued" },
  planning: { icon: Icon.MagnifyingGlass, color: Color.Blue, label: "Planning" },
  downloading: { icon: Icon.Download, color: Color.Blue, label: "Downloading" },
  paused: { icon: Icon.Pause, color: Color.Yellow, label: "Paused" },
  verifying: { icon: Icon.Shield, color: Color.Purple, label: "Verifying" },
  committing: { icon: Icon.SaveDocument, color: Color.Purple, label: "Finishing" },
  completed: { icon: Icon.CheckCircle, color: Color.Green, label: "Completed" },
  failed: { icon: Icon.XMarkCircle, color: Color.Red, label: "Failed" },
  cancelled: { icon: Icon.MinusCircle, color: Color.SecondaryText, label: "Cancelled" },
};

const JOBS: Record<string, Look> = {
  queued: { icon: Icon.Clock, color: Color.SecondaryText, label: "Queued" },
  running: { icon: Icon.CircleProgress50, color: Color.Blue, label: "Running" },
  succeeded: { icon: Icon.CheckCircle, color: Color.Green, label: "Done" },
  failed: { icon: Icon.XMarkCircle, color: Color.Red, label: "Failed" },
  cancelled: { icon: Icon.MinusCircle, color: Color.SecondaryText, label: "Cancelled" },
};

const ENGINES: Record<string, Look> = {
  absent: { icon: Icon.Circle, color: Color.SecondaryText, label: "Not Installed" },
  installing: { icon: Icon.CircleProgress50, color: Color.Blue, label: "Installing" },
  installed: { icon: Icon.CheckCircle, color: Color.Green, label: "Installed" },
  updating: { icon: Icon.ArrowClockwise, color: Color.Blue, label: "Updating" },
  broken: { icon: Icon.XMarkCircle, color: Color.Red, label: "Broken" },
  unsupported: { icon: Icon.MinusCircle, color: Color.SecondaryText, label: "Not for This Machine" },
};

/** A server state: `ready`, `starting`, … */
export function serverLook(state: string): Look {
  return lookUp(SERVERS, state);
}

export function downloadLook(state: string): Look {
  return lookUp(DOWNLOADS, state);
}

export function jobLook(state: string): Look {
  return lookUp(JOBS, state);
}

export function engineLook(state: string): Look {
  return lookUp(ENGINES, state);
}

const FITS: Record<string, Look> = {
  easy: { icon: Icon.Check, color: Color.Green, label: "Fits Easily" },
  fits: { icon: Icon.Check, color: Color.Green, label: "Fits" },
  tight: { icon: Icon.ExclamationMark, color: Color.Yellow, label: "Tight" },
  "too-large": { icon: Icon.Warning, color: Color.Orange, label: "Too Large" },
  unknown: { icon: Icon.QuestionMark, color: Color.SecondaryText, label: "Fit Unknown" },
};

/** Whether a model fits this Mac's memory at the context it was asked for. */
export function fitLook(verdict: string): Look {
  return lookUp(FITS, verdict);
}
