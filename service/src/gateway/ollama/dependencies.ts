import type { Download } from "../../contract/downloads.ts";
import type { ServerEvent } from "../../contract/events.ts";
import type { Quantization } from "../../contract/hub.ts";
import type { Server } from "../../contract/servers.ts";
import type { GatewayDependencies, GatewayModel, GatewayPool } from "../dependencies.ts";

/** Ollama's routes manage models too, so they need more than those that only ask one. */
export interface OllamaDependencies extends GatewayDependencies {
  readonly models: {
    all(): readonly LibraryModel[];
    find(id: string): LibraryModel | null;
    /** @throws AppError `model_in_use`, or `conflict` for the built-in model. */
    remove(id: string): Promise<unknown>;
  };
  readonly pool: Omit<GatewayPool, "loaded"> & {
    loaded(): readonly RunningServer[];
    stop(profileId: string): Promise<unknown>;
  };
  readonly downloads: {
    /** @throws AppError of a model that cannot be downloaded. */
    create(wish: { readonly model: string; readonly revision: string }): { readonly download: Download };
    get(id: string): Download;
    resume(id: string): Promise<Download>;
  };
  readonly events: { listen(listener: (event: ServerEvent) => void): () => void };
}

export interface LibraryModel extends GatewayModel {
  readonly source: "hub-cache" | "built-in" | "folder" | "converted";
  readonly sizeBytes: number;
  /** The one `main` means first. */
  readonly revisions: readonly { readonly revision: string }[];
  readonly facts: GatewayModel["facts"] & {
    readonly parameters: number | null;
    readonly quantization: Quantization | null;
  };
}

export type RunningServer = Pick<
  Server,
  | ("profileId" | "profile" | "model" | "revision" | "state" | "kind" | "inFlight" | "waiting" | "pinned")
  | ("memory" | "reservedBytes" | "expiresAt")
>;
