import { afterEach, describe, expect, test } from "@jest/globals";
import type { Profile } from "../../../../service/src/contract/profiles.ts";
import type { GatewayDependencies } from "../../../../service/src/gateway/index.ts";
import { engineProtocol } from "../../../../service/src/gateway/engines/engine-protocol.ts";
import { soundFormat } from "../../../../service/src/gateway/images/sound-format.ts";
import { chat, post, startGateway, testProfile } from "../gateway-bench.ts";
import type { GatewayBench } from "../gateway-bench.ts";

const wav = Buffer.concat([Buffer.from("RIFF\x24\0\0\0WAVEfmt ", "latin1"), Buffer.alloc(32)]);
const uri = `data:audio/wav;base64,${wav.toString("base64")}`;
const asking = (data: string, format?: string) =>
  chat({
    messages: [
      {
        role: "user",
        content: [
          { type: "text", text: "Who speaks?" },
          { type: "input_audio", input_audio: { data, format } },
        ],
      },
    ],
  });

let bench: GatewayBench | undefined;
afterEach(async () => {
  await bench?.close();
  bench = undefined;
});

async function start(change: Partial<Profile>, ...capabilities: string[]): Promise<void> {
  const profile = testProfile(change);
  const facts = { contextLength: 2048, vocabularySize: 1536, architecture: "x", capabilities };
  const model = { id: profile.model, demo: true, complete: true, addedAt: profile.createdAt, facts };
  const models = { all: () => [model], find: () => model } as unknown as GatewayDependencies["models"];
  const profiles = { all: () => [profile], resolve: () => ({ profile, revision: "main", by: "model" as const }) };
  bench = await startGateway({ change: { models, profiles } });
}
const sent = () => bench!.engine.entries().flatMap(({ type, body }) => (type === "request" && body ? [body] : []));

describe("sound in a chat", () => {
  test("reaches a model that hears, as data of the type that it is", async () => {
    await start({ engine: "mlx-vlm" }, "chat", "audio");
    expect((await post(bench!, asking(wav.toString("base64"), "mp3"))).status).toBe(200);
    expect((await post(bench!, asking(uri))).status).toBe(200);
    const content = [
      { type: "input_audio", input_audio: { data: uri, format: "wav" } },
      { type: "text", text: "Who speaks?" },
    ];
    expect(sent().map(({ messages }) => messages)).toEqual([[{ role: "user", content }], [{ role: "user", content }]]);
  });

  test.each([
    ["a model that does not hear", { engine: "mlx-vlm" }, ["chat", "vision"], /mlx-manager\/demo does not hear/],
    ["an engine that takes none", { engine: "mlx-lm" }, ["chat", "audio"], /mlx-lm takes no sound.*mlx-vlm/],
  ] as const)("is refused by its name for %s", async (_, change, capabilities, message) => {
    await start(change, ...capabilities);
    const response = await post(bench!, asking(uri));
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { error: { code: "unsupported", param: "messages", message: expect.stringMatching(/input_audio/) } },
    ]);
    const again = (await (await post(bench!, asking(uri))).json()) as { error: { message: string } };
    expect(again.error.message).toMatch(message);
    expect(sent()).toEqual([]);
  });

  test.each([
    ["no sound", Buffer.from("no sound at all, only words").toString("base64"), /WAV, MP3, FLAC or Ogg/],
    ["an address", "http://127.0.0.1:1/a.wav", /sound/],
    ["a path", "/etc/passwd", /sound/],
    ["damaged base64", "data:audio/wav;base64,%%%", /base64 of a sound is damaged/],
    ["a data URI without base64", "data:,x", /sound/],
  ])("%s is a 400, and the engine is not asked", async (_, data, message) => {
    await start({ engine: "mlx-vlm" }, "chat", "audio");
    const response = await post(bench!, asking(data));
    const { error } = (await response.json()) as { error: { message: string; param: string } };
    expect([response.status, error.param]).toEqual([400, "messages"]);
    expect(error.message).toMatch(message);
    expect(sent()).toEqual([]);
  });

  test("goes to a remote service in OpenAI's own form", () => {
    const profile = testProfile({ engine: "remote", remote: { baseUrl: "http://a/v1", model: "m", hasKey: false } });
    const messages = [{ role: "user" as const, text: "Who?", images: [], sounds: [uri] }];
    const limits = { contextLength: null, vocabularySize: null };
    const request = {
      messages,
      tools: [],
      stop: [],
      sampling: { logitBias: new Map() },
      template: {},
      format: { type: "text" },
    };
    const body = engineProtocol("remote").body({ request, profile, limits } as never);
    expect(body["messages"]).toEqual([
      {
        role: "user",
        content: [
          { type: "input_audio", input_audio: { data: wav.toString("base64"), format: "wav" } },
          { type: "text", text: "Who?" },
        ],
      },
    ]);
  });
});

test.each([
  ["wav", "RIFF0000WAVEfmt "],
  ["mp3", "ID3\x04"],
  ["mp3", "\xff\xfb\x90"],
  ["flac", "fLaC"],
  ["ogg", "OggS"],
  [null, "RIFF0000WEBPVP8 "],
  [null, ""],
])("a sound is known by its bytes: %s", (format, begins) => {
  expect(soundFormat(Buffer.from(begins, "latin1"))).toBe(format);
});
