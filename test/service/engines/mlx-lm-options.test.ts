import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { actsAtOnce, engineOptionNames } from "../../../service/src/contract/engine-options.ts";
import type { EngineOptions } from "../../../service/src/contract/engine-options.ts";
import { enginePython } from "../../tools/engine-python.ts";

const program = fileURLToPath(new URL("../../python/engine_flags.py", import.meta.url));
const launcher = fileURLToPath(new URL("../../../service/engines/launcher", import.meta.url));

/** A value for each option, none of them the engine's default, and what the engine's own parser makes of it. */
const samples = {
  trustRemoteCode: [true, { trust_remote_code: true }],
  chatTemplate: ["- {{ messages }}", { chat_template: "- {{ messages }}" }],
  draftModel: ["/models/draft", { draft_model: "/models/draft" }],
  draftTokens: [5, { num_draft_tokens: 5 }],
  adapterPath: ["/adapters/one", { adapter_path: "/adapters/one" }],
  kvBits: [4, { kv_bits: 4 }],
  kvGroupSize: [32, { kv_group_size: 32 }],
  quantizedKvStart: [0, { quantized_kv_start: 0 }],
  promptCacheSize: [3, { prompt_cache_size: 3 }],
  promptCacheBytes: [1_234_567, { prompt_cache_bytes: 1_234_567 }],
  prefillStepSize: [256, { prefill_step_size: 256 }],
  decodeConcurrency: [2, { decode_concurrency: 2 }],
  promptConcurrency: [1, { prompt_concurrency: 1 }],
} as const satisfies Record<Exclude<keyof EngineOptions, "chatTemplateArguments">, readonly [unknown, object]>;

/** Flags of `mlx_lm.server` that are no option of a profile, and why. */
const notOffered: Readonly<Record<string, string>> = {
  "--model": "the profile's model, as a folder",
  "--host": "always loopback",
  "--port": "the launcher binds its own",
  "--allowed-origins": "no browser may ask an engine: the launcher sends no CORS headers at all",
  "--log-level": "INFO: prefill progress is read from it",
  "--use-default-chat-template": "does nothing: today's tokenizers have no default template",
  "--temp": "sent with each request",
  "--top-p": "sent with each request",
  "--top-k": "sent with each request",
  "--min-p": "sent with each request",
  "--max-tokens": "sent with each request",
  "--chat-template-args": "sent with each request",
  "--pipeline": "for clusters, which say themselves how they split a model",
};

interface Answer {
  readonly flags: Readonly<Record<string, string>>;
  readonly ours: Readonly<Record<string, string>>;
  readonly parsed: Readonly<Record<string, unknown>>;
}

let python: string;
beforeAll(async () => {
  python = (await enginePython()).python;
}, 600_000);

async function ask(options: object): Promise<Answer> {
  const { stdout } = await execa(python, [program, launcher, JSON.stringify(options)]);
  return JSON.parse(stdout) as Answer;
}

describe("the options of mlx-lm", () => {
  let answer: Answer;
  beforeAll(async () => {
    answer = await ask(Object.fromEntries(Object.entries(samples).map(([name, [value]]) => [name, value])));
  }, 120_000);

  test("reach the installed engine's own parser with the value that was given", () => {
    for (const [, expected] of Object.values(samples)) expect(answer.parsed).toMatchObject(expected);
    expect(answer.parsed).toMatchObject({ model: "/models/here", host: "127.0.0.1" });
  });

  test("are all that the engine has, less those that are left out with a reason", () => {
    const offered = [...Object.values(answer.ours), "--trust-remote-code"];
    expect([...offered, ...Object.keys(notOffered)].sort()).toEqual(Object.keys(answer.flags).sort());
  });

  test("are known to the launcher one by one, but for those that go with each request", () => {
    const atStart = engineOptionNames["mlx-lm"].filter((name) => !actsAtOnce.has(name));
    expect([...Object.keys(answer.ours), "trustRemoteCode"].sort()).toEqual([...atStart].sort());
  });

  test("that are left out leave the engine's defaults, with a bound on the cache and room for an answer", async () => {
    const { parsed } = await ask({});
    expect(parsed).toMatchObject({ prompt_cache_bytes: 2 * 1024 ** 3, max_tokens: 4096 });
    expect(parsed).toMatchObject({ kv_bits: null, draft_model: null, adapter_path: null, trust_remote_code: false });
  }, 120_000);
});
