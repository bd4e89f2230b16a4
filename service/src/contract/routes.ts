import * as z from "zod";
import { Alias, AliasList, AliasParams, AliasSet } from "./aliases.ts";
import { AnthropicMessage, Conversation, MessagesRequest, TokenCount } from "./anthropic.ts";
import { Completion, CompletionRequest } from "./completions.ts";
import { ModelConvert } from "./conversions.ts";
import { Health, System } from "./system.ts";
import { DownloadCreate, Download, DownloadPage, DownloadParams, DownloadPatch, DownloadQuery } from "./downloads.ts";
import { EmbeddingsAnswer, EmbeddingsRequest } from "./embeddings.ts";
import { Engine, EngineJob, EngineList, EngineParams } from "./engines.ts";
import { EventQuery } from "./events.ts";
import { HubContextQuery, HubModelDetail, HubModelQuery, HubPage, HubQuery, HubSiblings } from "./hub.ts";
import { HubToken, HubTokenUpdate } from "./hub-token.ts";
import { Job, JobPage, JobParams, JobQuery, LogQuery } from "./jobs.ts";
import {
  MirrorAccount,
  MirrorAnswer,
  MirrorEntryList,
  MirrorFileParams,
  MirrorListQuery,
  MirrorModelList,
  MirrorModelParams,
  MirrorModelQuery,
  MirrorPathsQuestion,
  PeerList,
} from "./mirror.ts";
import {
  ImportableList,
  ImportableQuery,
  ModelClean,
  ModelCleaning,
  ModelDeletion,
  ModelImport,
  ModelUsage,
  ModelVerification,
} from "./library.ts";
import { ApiKey, ApiKeyCreate, ApiKeyCreated, ApiKeyList, ApiKeyParams, ApiKeyQuery } from "./keys.ts";
import { Model, ModelPage, ModelParams, ModelQuery, ModelRevisionParams } from "./models.ts";
import {
  OllamaChatAnswer,
  OllamaChatRequest,
  OllamaDeleteRequest,
  OllamaEmbedAnswer,
  OllamaEmbedRequest,
  OllamaEmbeddingsAnswer,
  OllamaEmbeddingsRequest,
  OllamaGenerateAnswer,
  OllamaGenerateRequest,
  OllamaModel,
  OllamaModelList,
  OllamaPullLine,
  OllamaPullRequest,
  OllamaRunningList,
  OllamaShowRequest,
  OllamaVersion,
} from "./ollama.ts";
import { ChatCompletion, ChatRequest, OpenAIModel, OpenAIModelList, OpenAIModelQuery } from "./openai.ts";
import { Placement, PlacementRequest } from "./profile-kinds.ts";
import {
  PresetList,
  ProfileChange,
  ProfileCreate,
  ProfileDuplicate,
  ProfileExport,
  ProfileImportQuery,
  ProfilePage,
  ProfileParams,
  ProfilePatch,
  ProfileQuery,
  ProfileView,
} from "./profiles.ts";
import {
  RequestDetail,
  RequestExportQuery,
  RequestPage,
  RequestParams,
  RequestQuery,
  RequestStats,
  RequestStatsQuery,
} from "./requests.ts";
import {
  ResponseDeleted,
  ResponseInputCount,
  ResponseItemList,
  ResponseItemQuery,
  ResponseObject,
  ResponseParams,
  ResponseQuery,
  ResponseRequest,
} from "./responses.ts";
import { RoutingQuestion, RoutingTest } from "./routing.ts";
import { Server, ServerLogQuery, ServerPage, ServerParams, ServerQuery } from "./servers.ts";
import { Settings, SettingsPatch } from "./settings.ts";
import { Empty, Revision } from "./common.ts";

/**
 * - `free`: never needs a key. `inference`: `/v1`, `/hub` and alike. `admin`: everything else.
 * - `stream: "sse"`, `"text"` and `"file"` replies are written piece by piece and have no reply schema. `"log"` is text,
 *   or events for clients that accept `text/event-stream`.
 * - `rest`: the last parameter takes all that follows, slashes included. `form`: the body may be an HTML form too.
 */
export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly summary: string;
  readonly slice: string;
  readonly auth: "free" | "inference" | "admin";
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  readonly reply?: z.ZodType;
  readonly status?: number;
  readonly stream?: "sse" | "text" | "log" | "file";
  readonly rest?: true;
  readonly form?: true;
}

const RevisionQuery = z.strictObject({ revision: Revision.optional() });
const StartQuery = z.strictObject({
  wait: z.stringbool().default(false).meta({ description: "Answer only when it is ready, or has failed." }),
});

/** One line a route, to be read as a table. Every route of the service, once. Validation, OpenAPI document and the extension's types come from it. */
// prettier-ignore
export const routes = {
  getHealth: { method: "GET", path: "/api/health", summary: "Is the service well?", slice: "system", auth: "free", reply: Health },
  getSystem: { method: "GET", path: "/api/system", summary: "Facts about this machine", slice: "system", auth: "admin", reply: System },
  streamEvents: { method: "GET", path: "/api/events", summary: "A snapshot, then every state change", slice: "events", auth: "admin", query: EventQuery, stream: "sse" },

  getSettings: { method: "GET", path: "/api/settings", summary: "All settings with their sources", slice: "settings", auth: "admin", reply: Settings },
  updateSettings: { method: "PATCH", path: "/api/settings", summary: "Change settings", slice: "settings", auth: "admin", body: SettingsPatch, reply: Settings },

  listAliases: { method: "GET", path: "/api/aliases", summary: "Aliases and patterns with what answers them, the most specific first", slice: "profiles", auth: "admin", reply: AliasList },
  setAlias: { method: "PUT", path: "/api/aliases/{name}", summary: "Set one alias or pattern; the others stay", slice: "profiles", auth: "admin", params: AliasParams, body: AliasSet, reply: Alias, rest: true },
  removeAlias: { method: "DELETE", path: "/api/aliases/{name}", summary: "Remove one alias or pattern", slice: "profiles", auth: "admin", params: AliasParams, reply: Alias, rest: true },

  testRouting: { method: "POST", path: "/api/routing/test", summary: "Who would answer a request, step by step; runs nothing", slice: "gateway", auth: "admin", body: RoutingQuestion, reply: RoutingTest },

  listJobs: { method: "GET", path: "/api/jobs", summary: "Jobs, newest first", slice: "jobs", auth: "admin", query: JobQuery, reply: JobPage },
  getJob: { method: "GET", path: "/api/jobs/{id}", summary: "One job", slice: "jobs", auth: "admin", params: JobParams, reply: Job },
  getJobLogs: { method: "GET", path: "/api/jobs/{id}/logs", summary: "A job's log", slice: "jobs", auth: "admin", params: JobParams, query: LogQuery, stream: "text" },
  cancelJob: { method: "POST", path: "/api/jobs/{id}/cancel", summary: "Cancel a job", slice: "jobs", auth: "admin", params: JobParams, reply: Job, status: 202 },

  listRequests: { method: "GET", path: "/api/requests", summary: "The log of the gateway's requests, newest first", slice: "requests", auth: "admin", query: RequestQuery, reply: RequestPage },
  getRequestStats: { method: "GET", path: "/api/requests/stats", summary: "Requests in figures, by model, day, client, agent, session and more", slice: "requests", auth: "admin", query: RequestStatsQuery, reply: RequestStats },
  exportRequests: { method: "GET", path: "/api/requests/export", summary: "The log as a stream of JSON lines or CSV, oldest first", slice: "requests", auth: "admin", query: RequestExportQuery, stream: "text" },
  getRequest: { method: "GET", path: "/api/requests/{id}", summary: "One request, with its texts if they were kept", slice: "requests", auth: "admin", params: RequestParams, reply: RequestDetail },

  getMetrics: { method: "GET", path: "/metrics", summary: "Requests, tokens, servers and memory for Prometheus", slice: "requests", auth: "admin", stream: "text" },

  listKeys: { method: "GET", path: "/api/keys", summary: "API keys by name, without the keys themselves", slice: "auth", auth: "admin", query: ApiKeyQuery, reply: ApiKeyList },
  createKey: { method: "POST", path: "/api/keys", summary: "Make a key; this answer alone shows it", slice: "auth", auth: "admin", body: ApiKeyCreate, reply: ApiKeyCreated, status: 201 },
  revokeKey: { method: "DELETE", path: "/api/keys/{id}", summary: "Take a key back; its next request is refused", slice: "auth", auth: "admin", params: ApiKeyParams, reply: ApiKey },

  searchHub: { method: "GET", path: "/api/hub/models", summary: "Search the Hub", slice: "search", auth: "admin", query: HubQuery, reply: HubPage },
  getHubModel: { method: "GET", path: "/api/hub/models/{owner}/{name}", summary: "One model of the Hub", slice: "search", auth: "admin", params: ModelParams, query: HubModelQuery, reply: HubModelDetail },
  listHubSiblings: { method: "GET", path: "/api/hub/models/{owner}/{name}/siblings", summary: "Other MLX conversions of the same base", slice: "search", auth: "admin", params: ModelParams, query: HubContextQuery, reply: HubSiblings },

  getHubToken: { method: "GET", path: "/api/hub/token", summary: "Which Hugging Face token is in use, never the token", slice: "hub", auth: "admin", reply: HubToken },
  setHubToken: { method: "PUT", path: "/api/hub/token", summary: "Check a token with the Hub, then store it", slice: "hub", auth: "admin", body: HubTokenUpdate, reply: HubToken },
  deleteHubToken: { method: "DELETE", path: "/api/hub/token", summary: "Forget the stored token", slice: "hub", auth: "admin", reply: HubToken },

  listDownloads: { method: "GET", path: "/api/downloads", summary: "Downloads, newest first", slice: "downloads", auth: "admin", query: DownloadQuery, reply: DownloadPage },
  createDownload: { method: "POST", path: "/api/downloads", summary: "Download a model; 200 with the active one if there is one", slice: "downloads", auth: "admin", body: DownloadCreate, reply: Download, status: 201 },
  getDownload: { method: "GET", path: "/api/downloads/{id}", summary: "One download", slice: "downloads", auth: "admin", params: DownloadParams, reply: Download },
  updateDownload: { method: "PATCH", path: "/api/downloads/{id}", summary: "Change its priority", slice: "downloads", auth: "admin", params: DownloadParams, body: DownloadPatch, reply: Download },
  cancelDownload: { method: "DELETE", path: "/api/downloads/{id}", summary: "Cancel and clean up", slice: "downloads", auth: "admin", params: DownloadParams, reply: Download },
  pauseDownload: { method: "POST", path: "/api/downloads/{id}/pause", summary: "Pause", slice: "downloads", auth: "admin", params: DownloadParams, reply: Download },
  resumeDownload: { method: "POST", path: "/api/downloads/{id}/resume", summary: "Resume", slice: "downloads", auth: "admin", params: DownloadParams, reply: Download },
  retryDownload: { method: "POST", path: "/api/downloads/{id}/retry", summary: "Try a failed one again", slice: "downloads", auth: "admin", params: DownloadParams, reply: Download },

  listModels: { method: "GET", path: "/api/models", summary: "The local library", slice: "models", auth: "admin", query: ModelQuery, reply: ModelPage },
  getModel: { method: "GET", path: "/api/models/{owner}/{name}", summary: "One local model", slice: "models", auth: "admin", params: ModelParams, reply: Model },
  deleteModel: { method: "DELETE", path: "/api/models/{owner}/{name}", summary: "Delete a model's files; refused while in use", slice: "models", auth: "admin", params: ModelParams, reply: ModelDeletion },
  deleteModelRevision: { method: "DELETE", path: "/api/models/{owner}/{name}/revisions/{revision}", summary: "Delete one revision and what it alone uses; refused while in use", slice: "models", auth: "admin", params: ModelRevisionParams, reply: ModelDeletion },
  verifyModel: { method: "POST", path: "/api/models/{owner}/{name}/verify", summary: "Compare every file with its checksum; answers the active job if there is one", slice: "models", auth: "admin", params: ModelParams, query: RevisionQuery, reply: Job, status: 202 },
  getVerification: { method: "GET", path: "/api/models/{owner}/{name}/verification", summary: "What the last verification found", slice: "models", auth: "admin", params: ModelParams, query: RevisionQuery, reply: ModelVerification },
  probeModel: { method: "POST", path: "/api/models/{owner}/{name}/probe", summary: "Run it once and record what it can do; answers the active job if there is one", slice: "probing", auth: "admin", params: ModelParams, query: RevisionQuery, reply: Job, status: 202 },
  convertModel: { method: "POST", path: "/api/models/{owner}/{name}/convert", summary: "Make a quantized model of it in the library", slice: "converting", auth: "admin", params: ModelParams, query: RevisionQuery, body: ModelConvert, reply: Job, status: 202 },
  checkModelUpdate: { method: "POST", path: "/api/models/{owner}/{name}/check-update", summary: "Ask the Hub whether there is a newer revision", slice: "models", auth: "admin", params: ModelParams, reply: Model },
  getModelUsage: { method: "GET", path: "/api/models/usage", summary: "What the models take on the disk", slice: "models", auth: "admin", reply: ModelUsage },
  listImportable: { method: "GET", path: "/api/models/importable", summary: "Models in the folders of other programs", slice: "models", auth: "admin", query: ImportableQuery, reply: ImportableList },
  importModel: { method: "POST", path: "/api/models/import", summary: "Use a model where it lies; nothing is copied", slice: "models", auth: "admin", body: ModelImport, reply: Model, status: 201 },
  cleanModels: { method: "POST", path: "/api/models/clean", summary: "List, or remove, what downloads left behind", slice: "models", auth: "admin", body: ModelClean, reply: ModelCleaning },
  repairModel: { method: "POST", path: "/api/models/{owner}/{name}/repair", summary: "Fetch again what the last check found wrong, or what is missing", slice: "downloads", auth: "admin", params: ModelParams, reply: Download, status: 201 },
  loadModel: { method: "POST", path: "/api/models/{owner}/{name}/load", summary: "Start the model's implicit profile", slice: "pool", auth: "admin", params: ModelParams, query: StartQuery, reply: Server, status: 202 },
  unloadModel: { method: "POST", path: "/api/models/{owner}/{name}/unload", summary: "Stop every server of the model", slice: "pool", auth: "admin", params: ModelParams, reply: ServerPage },

  listProfiles: { method: "GET", path: "/api/profiles", summary: "Profiles", slice: "profiles", auth: "admin", query: ProfileQuery, reply: ProfilePage },
  createProfile: { method: "POST", path: "/api/profiles", summary: "Create a profile", slice: "profiles", auth: "admin", body: ProfileCreate, reply: ProfileView, status: 201 },
  getProfile: { method: "GET", path: "/api/profiles/{id}", summary: "One profile", slice: "profiles", auth: "admin", params: ProfileParams, reply: ProfileView },
  updateProfile: { method: "PATCH", path: "/api/profiles/{id}", summary: "Change a profile; says what waits for a restart", slice: "profiles", auth: "admin", params: ProfileParams, body: ProfilePatch, reply: ProfileChange },
  deleteProfile: { method: "DELETE", path: "/api/profiles/{id}", summary: "Delete a profile; refused while it serves", slice: "profiles", auth: "admin", params: ProfileParams, reply: ProfileView },
  duplicateProfile: { method: "POST", path: "/api/profiles/{id}/duplicate", summary: "Copy a profile under a new slug", slice: "profiles", auth: "admin", params: ProfileParams, body: ProfileDuplicate, reply: ProfileView, status: 201 },
  exportProfile: { method: "GET", path: "/api/profiles/{id}/export", summary: "A profile as a file, without secrets", slice: "profiles", auth: "admin", params: ProfileParams, reply: ProfileExport },
  importProfile: { method: "POST", path: "/api/profiles/import", summary: "Make a profile of such a file", slice: "profiles", auth: "admin", query: ProfileImportQuery, body: ProfileExport, reply: ProfileView, status: 201 },
  listPresets: { method: "GET", path: "/api/profile-presets", summary: "Presets for new and present profiles", slice: "profiles", auth: "admin", reply: PresetList },
  startProfile: { method: "POST", path: "/api/profiles/{id}/start", summary: "Start a server of the profile", slice: "pool", auth: "admin", params: ProfileParams, query: StartQuery, reply: Server, status: 202 },
  stopProfile: { method: "POST", path: "/api/profiles/{id}/stop", summary: "Stop the profile's server", slice: "pool", auth: "admin", params: ProfileParams, reply: ServerPage },
  restartProfile: { method: "POST", path: "/api/profiles/{id}/restart", summary: "Stop, then start", slice: "pool", auth: "admin", params: ProfileParams, query: StartQuery, reply: Server, status: 202 },

  previewPlacement: { method: "POST", path: "/api/profiles/{id}/placement", summary: "What each host of a cluster would hold", slice: "pool", auth: "admin", params: ProfileParams, body: PlacementRequest, reply: Placement },

  listServers: { method: "GET", path: "/api/servers", summary: "Servers, running first", slice: "pool", auth: "admin", query: ServerQuery, reply: ServerPage },
  getServer: { method: "GET", path: "/api/servers/{id}", summary: "One server", slice: "pool", auth: "admin", params: ServerParams, reply: Server },
  getServerLogs: { method: "GET", path: "/api/servers/{id}/logs", summary: "A server's log as text, or line by line as events", slice: "pool", auth: "admin", params: ServerParams, query: ServerLogQuery, stream: "log" },

  listEngines: { method: "GET", path: "/api/engines", summary: "Engines and their state", slice: "engines", auth: "admin", reply: EngineList },
  installEngine: { method: "POST", path: "/api/engines/{id}/install", summary: "Install; answers the active job if there is one", slice: "engines", auth: "admin", params: EngineParams, reply: EngineJob, status: 202 },
  updateEngine: { method: "POST", path: "/api/engines/{id}/update", summary: "Install the version our lock pins", slice: "engines", auth: "admin", params: EngineParams, reply: EngineJob, status: 202 },
  rollbackEngine: { method: "POST", path: "/api/engines/{id}/rollback", summary: "Go back to the environment before; again: forward", slice: "engines", auth: "admin", params: EngineParams, reply: Engine },
  removeEngine: { method: "POST", path: "/api/engines/{id}/remove", summary: "Remove; refused while in use", slice: "engines", auth: "admin", params: EngineParams, reply: EngineJob, status: 202 },

  listMirrorModels: { method: "GET", path: "/hub/api/models", summary: "Models that this machine shares", slice: "mirror", auth: "inference", query: MirrorListQuery, reply: MirrorModelList },
  readMirrorModel: { method: "GET", path: "/hub/api/models/{path}", summary: "A shared model, its files or its refs", slice: "mirror", auth: "inference", params: MirrorModelParams, query: MirrorModelQuery, reply: MirrorAnswer, rest: true },
  findMirrorPaths: { method: "POST", path: "/hub/api/models/{path}", summary: "Files and folders of a shared model by name", slice: "mirror", auth: "inference", params: MirrorModelParams, body: MirrorPathsQuestion, reply: MirrorEntryList, rest: true, form: true },
  getMirrorAccount: { method: "GET", path: "/hub/api/whoami-v2", summary: "Whose key this is, for clients of the Hub", slice: "mirror", auth: "inference", reply: MirrorAccount },
  getMirrorFile: { method: "GET", path: "/hub/{path}", summary: "A file of a shared model; HEAD answers the same headers", slice: "mirror", auth: "inference", params: MirrorFileParams, stream: "file", rest: true },
  listPeers: { method: "GET", path: "/api/peers", summary: "Other services on the local network", slice: "mirror", auth: "admin", reply: PeerList },

  listOpenAIModels: { method: "GET", path: "/v1/models", summary: "Models in OpenAI's shape", slice: "gateway", auth: "inference", query: OpenAIModelQuery, reply: OpenAIModelList },
  getOpenAIModel: { method: "GET", path: "/v1/models/{model}", summary: "One model in OpenAI's shape", slice: "gateway", auth: "inference", params: z.strictObject({ model: z.string().max(400) }), reply: OpenAIModel },
  createChatCompletion: { method: "POST", path: "/v1/chat/completions", summary: "Chat, streamed or whole", slice: "gateway", auth: "inference", body: ChatRequest, reply: ChatCompletion },
  createMessage: { method: "POST", path: "/v1/messages", summary: "A message in Anthropic's shape, streamed or whole", slice: "gateway", auth: "inference", body: MessagesRequest, reply: AnthropicMessage },
  createEmbeddings: { method: "POST", path: "/v1/embeddings", summary: "Vectors of texts", slice: "gateway", auth: "inference", body: EmbeddingsRequest, reply: EmbeddingsAnswer },
  countMessageTokens: { method: "POST", path: "/v1/messages/count_tokens", summary: "How many tokens a message's prompt has", slice: "gateway", auth: "inference", body: Conversation, reply: TokenCount },
  createCompletion: { method: "POST", path: "/v1/completions", summary: "A text written on, streamed or whole", slice: "gateway", auth: "inference", body: CompletionRequest, reply: Completion },
  createResponse: { method: "POST", path: "/v1/responses", summary: "OpenAI's Responses, streamed or whole", slice: "gateway", auth: "inference", body: ResponseRequest, reply: ResponseObject },
  getResponse: { method: "GET", path: "/v1/responses/{id}", summary: "A response that was kept", slice: "gateway", auth: "inference", params: ResponseParams, query: ResponseQuery, reply: ResponseObject },
  countResponseInput: { method: "POST", path: "/v1/responses/input_tokens", summary: "How many tokens a response would read", slice: "gateway", auth: "inference", body: ResponseRequest, reply: ResponseInputCount },
  cancelResponse: { method: "POST", path: "/v1/responses/{id}/cancel", summary: "Refused: no response runs in the background", slice: "gateway", auth: "inference", params: ResponseParams, reply: ResponseObject },
  deleteResponse: { method: "DELETE", path: "/v1/responses/{id}", summary: "Forget a response", slice: "gateway", auth: "inference", params: ResponseParams, reply: ResponseDeleted },
  listResponseItems: { method: "GET", path: "/v1/responses/{id}/input_items", summary: "What a response was asked with", slice: "gateway", auth: "inference", params: ResponseParams, query: ResponseItemQuery, reply: ResponseItemList },

  getOllamaVersion: { method: "GET", path: "/api/version", summary: "Which version of Ollama's API is spoken here", slice: "gateway", auth: "inference", reply: OllamaVersion },
  listOllamaModels: { method: "GET", path: "/api/tags", summary: "Models in Ollama's shape", slice: "gateway", auth: "inference", reply: OllamaModelList },
  showOllamaModel: { method: "POST", path: "/api/show", summary: "One model in Ollama's shape", slice: "gateway", auth: "inference", body: OllamaShowRequest, reply: OllamaModel },
  listOllamaRunning: { method: "GET", path: "/api/ps", summary: "Loaded models in Ollama's shape", slice: "gateway", auth: "inference", reply: OllamaRunningList },
  createOllamaChat: { method: "POST", path: "/api/chat", summary: "Chat in Ollama's shape, streamed unless told not to", slice: "gateway", auth: "inference", body: OllamaChatRequest, reply: OllamaChatAnswer },
  createOllamaCompletion: { method: "POST", path: "/api/generate", summary: "Complete a prompt in Ollama's shape", slice: "gateway", auth: "inference", body: OllamaGenerateRequest, reply: OllamaGenerateAnswer },
  createOllamaEmbeddings: { method: "POST", path: "/api/embed", summary: "Embeddings of texts in Ollama's shape", slice: "gateway", auth: "inference", body: OllamaEmbedRequest, reply: OllamaEmbedAnswer },
  createOllamaEmbedding: { method: "POST", path: "/api/embeddings", summary: "The embedding of one text in Ollama's older shape", slice: "gateway", auth: "inference", body: OllamaEmbeddingsRequest, reply: OllamaEmbeddingsAnswer },
  pullOllamaModel: { method: "POST", path: "/api/pull", summary: "Download a model, told line by line in Ollama's shape", slice: "gateway", auth: "admin", body: OllamaPullRequest, reply: OllamaPullLine },
  deleteOllamaModel: { method: "DELETE", path: "/api/delete", summary: "Delete a model's files; refused while in use", slice: "gateway", auth: "admin", body: OllamaDeleteRequest, reply: Empty },
} as const satisfies Record<string, Route>;

export type RouteName = keyof typeof routes;
