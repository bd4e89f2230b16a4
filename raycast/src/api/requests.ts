/** The requests that change something, one function each; every one throws ApiError. */
import { bodyOf, modelPath } from "./client.ts";
import type { Client } from "./client.ts";
import type {
  Conversion,
  Download,
  DownloadPriority,
  Engine,
  Job,
  Model,
  ModelVerification,
  Profile,
  Server,
  Settings,
} from "./schemas.ts";

const byId = (id: string) => ({ params: { path: { id } } });
const byModel = (id: string) => ({ params: { path: modelPath(id) } });

/** Answers the active download of the model if there is one. */
export function startDownload(client: Client, model: string): Promise<Download> {
  return bodyOf(client.POST("/api/downloads", { body: { model, revision: "main", priority: "normal" } }));
}

export function pauseDownload(client: Client, id: string): Promise<Download> {
  return bodyOf(client.POST("/api/downloads/{id}/pause", byId(id)));
}

export function resumeDownload(client: Client, id: string): Promise<Download> {
  return bodyOf(client.POST("/api/downloads/{id}/resume", byId(id)));
}

export function retryDownload(client: Client, id: string): Promise<Download> {
  return bodyOf(client.POST("/api/downloads/{id}/retry", byId(id)));
}

/** Cancels and removes what was fetched. */
export function cancelDownload(client: Client, id: string): Promise<Download> {
  return bodyOf(client.DELETE("/api/downloads/{id}", byId(id)));
}

export function setDownloadPriority(client: Client, id: string, priority: DownloadPriority): Promise<Download> {
  return bodyOf(client.PATCH("/api/downloads/{id}", { ...byId(id), body: { priority } }));
}

/** Answers the active job if there is one. */
export function verifyModel(client: Client, model: string): Promise<Job> {
  return bodyOf(client.POST("/api/models/{owner}/{name}/verify", byModel(model)));
}

/** What the last verification found. */
export function fetchVerification(client: Client, model: string): Promise<ModelVerification> {
  return bodyOf(client.GET("/api/models/{owner}/{name}/verification", byModel(model)));
}

/** Fetches again what is missing or wrong. */
export function repairModel(client: Client, model: string): Promise<Download> {
  return bodyOf(client.POST("/api/models/{owner}/{name}/repair", byModel(model)));
}

/** Runs the model once to see what it does. Answers the active job if there is one. */
export function probeModel(client: Client, model: string): Promise<Job> {
  return bodyOf(client.POST("/api/models/{owner}/{name}/probe", byModel(model)));
}

/** Makes a quantized model of it. Refused before anything is written when the disk has no room for it. */
export function convertModel(client: Client, model: string, body: Conversion): Promise<Job> {
  return bodyOf(client.POST("/api/models/{owner}/{name}/convert", { ...byModel(model), body }));
}

export function fetchModel(client: Client, model: string, signal?: AbortSignal): Promise<Model> {
  const options = { ...byModel(model), ...(signal === undefined ? {} : { signal }) };
  return bodyOf(client.GET("/api/models/{owner}/{name}", options));
}

export function checkModelUpdate(client: Client, model: string): Promise<Model> {
  return bodyOf(client.POST("/api/models/{owner}/{name}/check-update", byModel(model)));
}

export function importModel(client: Client, path: string): Promise<Model> {
  return bodyOf(client.POST("/api/models/import", { body: { path } }));
}

export function loadModel(client: Client, model: string): Promise<Server> {
  return bodyOf(client.POST("/api/models/{owner}/{name}/load", byModel(model)));
}

export function startProfile(client: Client, id: string): Promise<Server> {
  return bodyOf(client.POST("/api/profiles/{id}/start", byId(id)));
}

export async function stopProfile(client: Client, id: string): Promise<readonly Server[]> {
  return (await bodyOf(client.POST("/api/profiles/{id}/stop", byId(id)))).items;
}

/** Stops every server of the model, of whichever profile. */
export async function unloadModel(client: Client, model: string): Promise<readonly Server[]> {
  return (await bodyOf(client.POST("/api/models/{owner}/{name}/unload", byModel(model)))).items;
}

/** Stops what runs under a profile's name, as a refusal names it. Nothing runs under it any more: nothing to do. */
export async function stopNamed(client: Client, profile: string): Promise<void> {
  const query = { running: "true" as const, limit: 200 };
  const { items } = await bodyOf(client.GET("/api/servers", { params: { query } }));
  const ids = new Set(items.filter((server) => server.profile === profile).map(({ profileId }) => profileId));
  for (const id of ids) await stopProfile(client, id);
}

export function restartProfile(client: Client, id: string): Promise<Server> {
  return bodyOf(client.POST("/api/profiles/{id}/restart", byId(id)));
}

/** A pinned profile's server is never unloaded to make room. The rest of its lifecycle stays as it is now. */
export async function pinProfile(client: Client, id: string, pinned: boolean): Promise<Profile> {
  const { lifecycle } = await bodyOf(client.GET("/api/profiles/{id}", byId(id)));
  return bodyOf(client.PATCH("/api/profiles/{id}", { ...byId(id), body: { lifecycle: { ...lifecycle, pinned } } }));
}

/** Refused while the model is in use. */
export async function deleteModel(client: Client, model: string): Promise<Model> {
  return (await bodyOf(client.DELETE("/api/models/{owner}/{name}", byModel(model)))).model;
}

export function setDefaultModel(client: Client, model: string): Promise<Settings> {
  return bodyOf(client.PATCH("/api/settings", { body: { defaultModel: model } }));
}

export async function installEngine(client: Client, id: Engine["id"]): Promise<Job> {
  return (await bodyOf(client.POST("/api/engines/{id}/install", { params: { path: { id } } }))).job;
}

/** Installs the version that the service pins; the present one stays in use until the new one is proven. */
export async function updateEngine(client: Client, id: Engine["id"]): Promise<Job> {
  return (await bodyOf(client.POST("/api/engines/{id}/update", { params: { path: { id } } }))).job;
}

/** Goes back to the environment before; again: forward. */
export function rollBackEngine(client: Client, id: Engine["id"]): Promise<Engine> {
  return bodyOf(client.POST("/api/engines/{id}/rollback", { params: { path: { id } } }));
}

/** Refused while a server runs from it. */
export async function removeEngine(client: Client, id: Engine["id"]): Promise<Job> {
  return (await bodyOf(client.POST("/api/engines/{id}/remove", { params: { path: { id } } }))).job;
}

export function cancelJob(client: Client, id: string): Promise<Job> {
  return bodyOf(client.POST("/api/jobs/{id}/cancel", byId(id)));
}
