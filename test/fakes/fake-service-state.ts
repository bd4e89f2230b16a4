/** True rows of the API for tests: a whole one by default, with what the test cares about on top. */
import type { Download } from "../../service/src/contract/downloads.ts";
import type { Engine } from "../../service/src/contract/engines.ts";
import type { Fit, HubModel, HubModelDetail } from "../../service/src/contract/hub.ts";
import type { Job } from "../../service/src/contract/jobs.ts";
import type { Measurement } from "../../service/src/contract/measurements.ts";
import type { Model } from "../../service/src/contract/models.ts";
import { emptyParts } from "../../service/src/contract/profiles.ts";
import type { ProfileView } from "../../service/src/contract/profiles.ts";
import type { Server } from "../../service/src/contract/servers.ts";
import { settingDefaults } from "../../service/src/contract/settings.ts";
import type { Settings } from "../../service/src/contract/settings.ts";
import type { Health } from "../../service/src/contract/system.ts";

export interface FakeState {
  /** Locks the API. */
  key: string | undefined;
  health: Partial<Health>;
  downloads: Download[];
  servers: Server[];
  models: Model[];
  engines: Engine[];
  jobs: Job[];
  profiles: ProfileView[];
  settings: Settings;
  hubModels: HubModel[];
}

const AT = "2026-11-01T10:00:00.000Z";
const GB = 1_000_000_000;

export function fakeState(): FakeState {
  return {
    key: undefined,
    health: {},
    downloads: [],
    servers: [],
    models: [demoModel()],
    engines: [fakeEngine()],
    jobs: [],
    profiles: [],
    settings: fakeSettings(),
    hubModels: [],
  };
}

export function fakeHealth({ health, key, models, servers }: FakeState): Health {
  return {
    status: "ok",
    version: "0.1.0",
    apiVersion: 1,
    uptimeSeconds: 5,
    database: "ok",
    ...(key === undefined
      ? { counts: { models: models.length, servers: servers.length, components: 0, profiles: 0, projects: 0 } }
      : {}),
    authRequired: key !== undefined,
    ...health,
  };
}

export function fakeSettings(): Settings {
  const views = Object.entries(settingDefaults).map(([key, value]) => [
    key,
    { value, source: "default", variable: null },
  ]);
  return Object.fromEntries(views) as Settings;
}

export function fakeEngine(change: Partial<Engine> = {}): Engine {
  return {
    id: "mlx-lm",
    state: "installed",
    version: "0.29.0",
    availableVersion: "0.29.0",
    pythonVersion: "3.12.4",
    lockHash: "abc",
    sizeBytes: 200_000_000,
    previousVersion: null,
    jobId: null,
    reason: null,
    installedAt: AT,
    ...change,
  };
}

export function fakeJob(change: Partial<Job> = {}): Job {
  return {
    id: "job-1",
    kind: "engine-install",
    subject: "mlx-lm",
    state: "running",
    phase: "downloading",
    done: 42,
    total: 100,
    unit: "packages",
    error: null,
    createdAt: AT,
    startedAt: AT,
    finishedAt: null,
    ...change,
  };
}

export function fakeFit(change: Partial<Fit> = {}): Fit {
  return {
    verdict: "easy",
    fits: true,
    contextTokens: 8192,
    neededBytes: 3 * GB,
    weightBytes: 2 * GB,
    kvBytes: 0.5 * GB,
    overheadBytes: 0.5 * GB,
    limitBytes: 12 * GB,
    largestContext: 32_768,
    method: "formula",
    ...change,
  };
}

export function fakeMeasurement(change: Partial<Measurement> = {}): Measurement {
  return {
    revision: "a".repeat(40),
    engine: "mlx-lm",
    engineVersion: "0.29.0",
    current: true,
    capabilities: { chat: "yes", tools: "no", thinking: "yes", structuredOutput: "unsupported", vision: "not-tried" },
    toolFormat: null,
    longestPrompt: { tokens: 8192, endedBy: "setting" },
    tokensPerSecond: 41.5,
    prefillTokensPerSecond: 910,
    memory: {
      method: "phys_footprint",
      loadedBytes: 2 * 1024 ** 3,
      contexts: [{ tokens: 8192, peakBytes: 2.5 * 1024 ** 3 }],
    },
    measuredAt: AT,
    ...change,
  };
}

function fakeRevision(id: string): Model["revisions"][number] {
  const revision = "a".repeat(40);
  const path = `/models/${id}/${revision}`;
  return { revision, refs: ["main"], sizeBytes: 2 * GB, complete: true, exclusiveBytes: 2 * GB, path };
}

export function fakeModel(id: string, change: Partial<Model> = {}): Model {
  return {
    id,
    source: "hub-cache",
    demo: false,
    sizeBytes: 2 * GB,
    weightBytes: 2 * GB,
    parameters: 4e9,
    quantization: { bits: 4, groupSize: 64, mode: null, effectiveBits: 4.5, label: "4-bit" },
    architecture: "qwen3",
    supported: true,
    engines: ["mlx-lm"],
    contextLength: 32_768,
    capabilities: ["chat"],
    measured: null,
    parent: null,
    revisions: [fakeRevision(id)],
    complete: true,
    partial: null,
    problem: null,
    verifiedAt: null,
    updateAvailable: null,
    latestRevision: null,
    isDefault: false,
    fit: fakeFit(),
    profileId: `profile-${id.replace(/[^A-Za-z0-9]/g, "-")}`,
    addedAt: AT,
    usedAt: null,
    ...change,
  };
}

export function demoModel(change: Partial<Model> = {}): Model {
  return fakeModel("mlx-manager/demo", {
    source: "built-in",
    demo: true,
    sizeBytes: 1_200_000,
    isDefault: true,
    ...change,
  });
}

/** The model's own profile. */
export function fakeProfile(model: string, change: Partial<ProfileView> = {}): ProfileView {
  return {
    id: `profile-${model.replace(/[^A-Za-z0-9]/g, "-")}`,
    slug: null,
    name: model,
    implicit: true,
    model,
    revision: "main",
    engine: "mlx-lm",
    engineOptions: {},
    sampling: {},
    systemPrompt: null,
    ...emptyParts,
    engineChoice: { by: "model", reason: "The model reads and writes text, as mlx-lm does." },
    batching: { on: true, reason: null },
    createdAt: AT,
    updatedAt: AT,
    ...change,
  };
}

export function fakeServer(model: string, change: Partial<Server> = {}): Server {
  return {
    id: `server-${model.replace(/[^A-Za-z0-9]/g, "-")}`,
    profileId: `profile-${model.replace(/[^A-Za-z0-9]/g, "-")}`,
    profile: model,
    model,
    revision: "a".repeat(40),
    engine: "mlx-lm",
    kind: "process",
    state: "ready",
    phase: null,
    pid: 123,
    port: 10_250,
    inFlight: 0,
    waiting: 0,
    pinned: false,
    reservedBytes: 3 * 1024 ** 3,
    expiresAt: null,
    batching: { on: true, reason: null },
    needsRestart: false,
    restartKeys: [],
    memory: { footprintBytes: 3 * 1024 ** 3, method: "phys_footprint", at: AT },
    cpuPercent: 4,
    tokensPerSecond: 38.2,
    totalTokens: 1200,
    restarts: 0,
    healthStatus: "healthy",
    lastCheckedAt: AT,
    failureCount: 0,
    lastError: null,
    endedBecause: null,
    stderrTail: [],
    createdAt: AT,
    startedAt: AT,
    readyAt: new Date(Date.now() - 65 * 60_000).toISOString(),
    uptimeSeconds: 3900,
    stoppedAt: null,
    ...change,
  };
}

export function fakeDownload(model: string, change: Partial<Download> = {}): Download {
  return {
    id: `download-${model.replace(/[^A-Za-z0-9]/g, "-")}`,
    model,
    revision: "main",
    commit: "b".repeat(40),
    state: "downloading",
    pauseReason: null,
    priority: "normal",
    bytesDone: 1 * GB,
    bytesVerified: 1 * GB,
    bytesTotal: 4 * GB,
    filesDone: 1,
    filesTotal: 5,
    bytesPerSecond: 12_400_000,
    secondsLeft: 242,
    connections: 4,
    error: null,
    createdAt: AT,
    updatedAt: AT,
    finishedAt: null,
    ...change,
  };
}

export function fakeHubModel(id: string, change: Partial<HubModel> = {}): HubModel {
  return {
    id,
    author: id.split("/")[0] ?? "",
    sizeBytes: 2 * GB,
    sizeIsEstimate: false,
    weightBytes: 2 * GB,
    parameters: 4e9,
    quantization: { bits: 4, groupSize: 64, mode: null, effectiveBits: 4.5, label: "4-bit" },
    architecture: "qwen3",
    supported: true,
    engines: ["mlx-lm"],
    contextLength: 32_768,
    capabilities: ["chat", "tools"],
    license: "apache-2.0",
    baseModel: null,
    downloads: 12_300,
    likes: 45,
    trending: 3,
    gated: "no",
    private: false,
    createdAt: AT,
    updatedAt: AT,
    here: false,
    downloadId: null,
    detailed: true,
    fit: fakeFit(),
    ...change,
  };
}

export function fakeHubDetail(id: string, change: Partial<HubModelDetail> = {}): HubModelDetail {
  const checksum = "c".repeat(64);
  return {
    ...fakeHubModel(id),
    ...{ source: "hub", stale: false, problem: null },
    revision: "a".repeat(40),
    totalBytes: 2 * GB,
    files: [{ path: "model.safetensors", sizeBytes: 2 * GB, checksum, here: false, needed: true }],
    card: "# Qwen3\n\nA card.",
    fitTable: [fakeFit({ contextTokens: 8192 }), fakeFit({ contextTokens: 32_768 })],
    localRevisions: [],
    licenseUrl: null,
    tags: ["mlx"],
    url: `https://huggingface.co/${id}`,
    ...change,
  };
}
