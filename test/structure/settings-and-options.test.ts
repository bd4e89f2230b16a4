import { describe, expect, test } from "@jest/globals";
import { engineOptionNames } from "../../service/src/contract/engine-options.ts";
import type { EngineOptionName } from "../../service/src/contract/engine-options.ts";
import type {
  Profile,
  ProfileLifecycle,
  ProfileLimits,
  SamplingDefaults,
} from "../../service/src/contract/profiles.ts";
import type { SettingKey } from "../../service/src/contract/settings.ts";
import { textOf } from "../tools/tracked-files.ts";

/** A test that proves an effect: its file below `test/`, without `.test.ts`, and its title. */
type Proof = readonly [file: string, title: string];

const settings = "service/settings-effects";
const log = "service/core/requests/requests";
const room = "service/serving/pool/room";
const fetching = "service/gateway/images/image-fetching";
const manners = "service/library/downloads/referee-10-manners";

/** Every setting acts. A new key needs a line here, or the types do not fit. */
const settingProofs = {
  defaultModel: [settings, "defaultModel answers requests that name none"],
  aliases: [settings, "aliases are names of models"],
  hubAuthor: [settings, "hubAuthor filters a search that names nobody"],
  healthCheckIntervalSeconds: [
    "service/serving/pool/policies",
    "is asked for at the interval while idle, and not at all while tokens come",
  ],
  portStart: [settings, "portStart is the first port that engines try"],
  startDeadlineSeconds: ["service/serving/pool/policies", "is 60 seconds and 30 more for each GB of weights"],
  startDeadlineSecondsPerGigabyte: [
    "service/serving/pool/policies",
    "is 60 seconds and 30 more for each GB of weights",
  ],
  probeDeadlineSeconds: ["service/lying-engine", "answers /health but never a token: it is never shown as ready"],
  stallDeadlineSeconds: ["service/gateway/chat-failures", "by giving no token for the stall deadline is cut off"],
  stopGraceSeconds: [
    "service/serving/pool/stop",
    "kills an engine that ignores both the command and SIGTERM, after the grace",
  ],
  drainSeconds: ["service/drain", "ends an answer that takes too long with its protocol's error, then the engine"],
  hubMetadataDeadlineSeconds: [settings, "hubMetadataDeadlineSeconds ends the wait for a Hub that says nothing"],
  segmentStallSeconds: ["service/library/downloads/referee-5-limits", "one silent segment costs that segment alone"],
  downloadConcurrency: ["service/library/downloads/queue", "the number at work follows its setting at once"],
  downloadConnections: [
    manners,
    "never more connections than the setting says, over all downloads, also when it is lowered",
  ],
  downloadBytesPerSecond: [
    manners,
    "a bandwidth limit holds for all downloads together, and lifting it counts at once",
  ],
  fitContextTokens: [settings, "fitContextTokens is the context that memory is predicted for"],
  maxModels: [room, "maxModels bounds the models at once, whatever memory there is"],
  memoryLimitBytes: [room, "memoryLimitBytes bounds them further, and those that are over it go at once"],
  idleUnloadSeconds: [settings, "idleUnloadSeconds unloads what nobody asks for, unless a profile says otherwise"],
  queueLimit: [room, "queueLimit and queueLimitPerModel refuse what comes on top, with the time to come back"],
  queueLimitPerModel: [room, "queueLimit and queueLimitPerModel refuse what comes on top, with the time to come back"],
  queueDeadlineSeconds: [room, "queueDeadlineSeconds ends the wait for a place with a clear error"],
  swapAfterRequests: [room, "swapAfterRequests gives a model that waits its turn although the other is asked on"],
  swapAfterSeconds: [room, "swapAfterSeconds gives it the turn after a while"],
  routingRules: [
    "service/names",
    "routingRules let another service answer what the model here cannot, and the answer says so",
  ],
  mapBackgroundRequests: [settings, "mapBackgroundRequests lets a loaded model answer what may be answered by any"],
  fetchImages: [fetching, "fetchImages off, offline and behind a proxy nothing is asked for; data URIs work on"],
  imageBytes: [fetching, "imageBytes bounds data URIs as well"],
  imageDeadlineSeconds: [fetching, "imageDeadlineSeconds ends the wait for a host that is silent, and its connection"],
  requestLogDays: [log, "requestLogDays is the age at which rows go, in slices of 500 with a pause between"],
  requestLogBytes: [
    log,
    "requestLogBytes is the size above which the oldest go, texts with their rows, without waiting an hour",
  ],
  storedResponseDays: [
    "service/gateway/responses-stored",
    "storedResponseDays is the age at which turns are forgotten",
  ],
  storedResponseBytes: [
    "service/gateway/responses-stored",
    "storedResponseBytes is the size above which the oldest are forgotten",
  ],
  recordBodiesUntil: [
    "service/request-log",
    "recordBodiesUntil keeps the texts until then, at most a day, without keys, and apart from the rows",
  ],
  mirrorEnabled: [
    "service/library/mirror/access",
    "is 404 for everything, with the way to switch it on, at once and without a restart",
  ],
  discoverPeers: [
    "service/library/mirror/peers",
    "find each other, not themselves, and learn what changes and who goes",
  ],
  checkForUpdates: [
    "service/library/models/updates",
    "nobody is asked while the setting is off or the service is offline, and a silent Hub is asked again",
  ],
} as const satisfies Record<SettingKey, Proof>;

const engine = "e2e/engine-options";
const parsed: Proof = [
  "service/engines/mlx-lm-options",
  "reach the installed engine's own parser with the value that was given",
];
const quantized: Proof = [
  engine,
  "a quantized key-value cache answers one at a time, and two bits are fewer than it takes",
];
const guessed: Proof = [
  engine,
  "a draft model guesses ahead: same text, kept by the library while it serves, batching off",
];

/** Engine options: those that show on a processor are proven by what the real engine says, all by its own parser. */
const optionProofs = {
  trustRemoteCode: parsed,
  chatTemplate: [engine, "a chat template takes the place of the model's own, and its variables are the profile's"],
  chatTemplateArguments: [
    "service/gateway/profile-defaults",
    "reaches the engine: variables of the chat template, under those of the request, zero and false included",
  ],
  draftModel: guessed,
  draftTokens: parsed,
  adapterPath: [
    engine,
    "a LoRA adapter changes what the model says, and the context bounds prompt and answer together",
  ],
  kvBits: quantized,
  kvGroupSize: [engine, "groups that do not fit the model's heads are refused at the start, not at each request"],
  quantizedKvStart: quantized,
  promptCacheSize: parsed,
  promptCacheBytes: parsed,
  prefillStepSize: parsed,
  decodeConcurrency: parsed,
  promptConcurrency: parsed,
} as const satisfies Record<EngineOptionName, Proof>;

const samplingProof: Proof = [
  "service/gateway/profile-defaults",
  "reaches the engine: every sampling default, zero included",
];

const samplingProofs = {
  temperature: samplingProof,
  topP: samplingProof,
  topK: samplingProof,
  minP: samplingProof,
  maxTokens: samplingProof,
  repetitionPenalty: samplingProof,
  presencePenalty: samplingProof,
  frequencyPenalty: samplingProof,
  seed: samplingProof,
} as const satisfies Record<keyof SamplingDefaults, Proof>;

const limitProofs = {
  contextTokens: [
    engine,
    "a LoRA adapter changes what the model says, and the context bounds prompt and answer together",
  ],
  memoryBytes: [
    "service/serving/pool/memory-allowed",
    "limits.memoryBytes stops an engine that takes more, with the numbers",
  ],
  concurrency: [room, "limits.concurrency bounds the requests at once, and clients that wait take turns"],
} as const satisfies Record<keyof ProfileLimits, Proof>;

const lifecycleProofs = {
  ttlSeconds: [settings, "idleUnloadSeconds unloads what nobody asks for, unless a profile says otherwise"],
  pinned: [room, "by a profile with a pin keeps its place, and gives it back when the pin is taken away"],
  autoStart: [room, "lifecycle.autoStart starts it with the service, as far as there is room"],
} as const satisfies Record<keyof ProfileLifecycle, Proof>;

const kinds = "service/serving/profiles/kinds";

/** The profile's own fields; the parts above are proven key by key. */
const fieldProofs = {
  slug: ["service/serving/profiles/resolver", "%s is understood"],
  name: ["service/cli/verbs", "a profile is created, changed key by key, copied and deleted"],
  model: ["service/serving/profiles/service", "a profile needs a model that is here"],
  revision: ["service/serving/profiles/resolver", "%s is understood"],
  engine: ["service/serving/profiles/options", "of another engine are refused, with the engine that has them"],
  systemPrompt: [
    "service/gateway/profile-defaults",
    "reaches the engine: the system prompt, unless the client brings one",
  ],
  kind: [kinds, "need no model here: the name there says what they stand for, and the slug is resolved"],
  remote: [kinds, "a key is given out for its own host alone, and asked for again when the host changes"],
  cluster: [kinds, "keep their hosts, and wait for a restart when these change"],
} as const satisfies Record<
  Exclude<keyof Profile, Told | "engineOptions" | "sampling" | "limits" | "lifecycle">,
  Proof
>;

/** Not set by anybody, so there is no effect to prove. */
type Told = "engineChoice" | "id" | "implicit" | "createdAt" | "updatedAt";

describe("what is shown acts", () => {
  const tables = {
    ...{ settingProofs, optionProofs, samplingProofs, limitProofs, lifecycleProofs, fieldProofs },
  };
  const proofs = Object.entries(tables).flatMap(([table, entries]) =>
    Object.entries<Proof>(entries).map(([key, proof]) => [`${table.replace("Proofs", "")}.${key}`, proof] as const),
  );

  test("every setting, option and field of a profile has a test of its effect, by a title that is there", () => {
    const missing = proofs.filter(([, [file, title]]) => !titlesOf(file).includes(title));
    expect(missing).toEqual([]);
    expect(proofs.length).toBeGreaterThan(60);
  });

  test("no engine has an option that the table does not know", () => {
    const known = Object.keys(optionProofs);
    expect(
      Object.values(engineOptionNames)
        .flat()
        .filter((name) => !known.includes(name)),
    ).toEqual([]);
  });
});

const read = new Map<string, string[]>();

/** Titles as they stand in the source: of `test("…")` and `test.each(…)("…")`. */
function titlesOf(file: string): string[] {
  const known = read.get(file);
  if (known !== undefined) return known;
  const text = textOf(`test/${file}.test.ts`);
  const titles = [...text.matchAll(/(?:\btest\(|\]\)\(|\]\s*as const\)\(|[a-z]\)\()\s*"((?:[^"\\]|\\.)+)",\s/g)];
  const found = titles.map(([, title]) => title ?? "");
  read.set(file, found);
  return found;
}
