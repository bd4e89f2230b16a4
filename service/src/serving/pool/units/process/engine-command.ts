import type { Capability } from "../../../../contract/hub.ts";
import type { Profile } from "../../../../contract/profiles.ts";

/** An installed engine, as much of it as is needed to run it. */
export interface EngineEnvironment {
  readonly version: string;
  readonly python: string;
  readonly launcher: string;
}

/** A revision of a model on disk. */
export interface ModelLocation {
  readonly model: string;
  /** Commit sha or content hash. */
  readonly revision: string;
  /** Absolute snapshot folder. */
  readonly path: string;
  readonly weightBytes: number;
  readonly facts: {
    readonly contextLength: number | null;
    readonly vocabularySize: number | null;
    readonly architecture: string | null;
    readonly capabilities: readonly Capability[];
  };
}

export interface EngineCommandInput {
  readonly profile: Profile;
  /** What the launcher takes as `--options`: models as folders, nothing that goes with each request. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly location: ModelLocation;
  readonly environment: EngineEnvironment;
  readonly portStart: number;
}

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
}

/** How to run an engine. Secrets never go here: anyone on the machine can read it. */
export type EngineCommand = (input: EngineCommandInput) => Command;

const portCount = 200;

/** Our launcher in the engine's Python. The engine gets a folder, never a repository id. */
export const launcherCommand: EngineCommand = ({ options, location, environment, portStart }) => ({
  file: environment.python,
  args: [
    environment.launcher,
    ...["--model", location.path],
    ...["--host", "127.0.0.1"],
    ...["--port-start", String(portStart)],
    ...["--port-count", String(Math.min(portCount, 65_536 - portStart))],
    ...["--options", JSON.stringify(options)],
  ],
});
