import { afterEach, describe, expect, test } from "@jest/globals";
import OpenAI from "openai";
import { ResponseDeleted, ResponseItemList, ResponseObject } from "../../../service/src/contract/responses.ts";
import { createResponses } from "../../../service/src/core/responses/index.ts";
import { createSettings } from "../../../service/src/core/settings/index.ts";
import type { StoredResponse } from "../../../service/src/core/responses/index.ts";
import { coreWorld } from "../core/core-world.ts";
import { startGateway } from "./gateway-bench.ts";
import type { GatewayBench } from "./gateway-bench.ts";

const model = "mlx-manager/demo";

describe("responses that are kept", () => {
  let bench: GatewayBench;
  afterEach(() => bench.close());

  async function start(flags: Record<string, unknown> = {}): Promise<OpenAI> {
    bench = await startGateway({ flags });
    return new OpenAI({ baseURL: bench.url, apiKey: "none", maxRetries: 0 });
  }
  const sent = (): unknown => bench.engine.entries().findLast(({ type }) => type === "request")?.body?.["messages"];

  test("are gone on from by their id, streamed or whole, without instructions of before", async () => {
    const client = await start({ text: "Hello." });
    const first = await client.responses.create({ model, input: "I am Ada.", instructions: "Be kind." });
    const streamed = client.responses.stream({ model, input: "And?", previous_response_id: first.id });
    const second = await streamed.finalResponse();
    expect(second.previous_response_id).toBe(first.id);
    await client.responses.create({ model, input: "Who am I?", previous_response_id: second.id });
    expect(sent()).toEqual([
      { role: "user", content: "I am Ada." },
      { role: "assistant", content: "Hello." },
      { role: "user", content: "And?" },
      { role: "assistant", content: "Hello." },
      { role: "user", content: "Who am I?" },
    ]);
  });

  test("are looked up, listed with what they were asked, and deleted", async () => {
    const client = await start();
    const input = [
      { role: "user" as const, content: "One" },
      { role: "assistant" as const, content: "Two" },
      { role: "user" as const, content: [{ type: "input_text" as const, text: "Three" }] },
    ];
    const made = await client.responses.create({ model, input });
    const found = await client.responses.retrieve(made.id);
    expect(found).toEqual(made);
    const wire = (path: string, method = "GET") => fetch(`${bench.url}/responses/${made.id}${path}`, { method });
    ResponseObject.parse(await (await wire("")).json());
    ResponseItemList.parse(await (await wire("/input_items")).json());
    const texts: unknown[] = [];
    for await (const item of client.responses.inputItems.list(made.id, { order: "asc", limit: 2 })) {
      texts.push((item as { content?: unknown }).content);
    }
    expect(texts).toEqual([
      [{ type: "input_text", text: "One" }],
      [{ type: "output_text", text: "Two" }],
      [{ type: "input_text", text: "Three" }],
    ]);
    expect(ResponseDeleted.parse(await (await wire("", "DELETE")).json())).toMatchObject({ deleted: true });
    await expect(client.responses.retrieve(made.id)).rejects.toMatchObject({ status: 404, code: "not_found" });
    await expect(client.responses.delete(made.id)).rejects.toMatchObject({ status: 404 });
    const next = client.responses.create({ model, input: "More", previous_response_id: made.id });
    await expect(next).rejects.toMatchObject({ status: 404, param: "previous_response_id" });
  });

  test("are told again as the events they came with, from where a client was cut off", async () => {
    const client = await start({ reasoning: true, toolCall: true });
    const custom = { type: "custom" as const, name: "patch" };
    const told: Record<string, unknown>[][] = [];
    for (const request of [
      { tools: [custom] },
      { reasoning: { summary: "none" as never } },
      { max_output_tokens: 9 },
      { tools: [{ type: "function" as const, name: "look", parameters: null, strict: false }] },
    ]) {
      const stream = client.responses.stream({ model, input: "Hi", ...request });
      const made: Record<string, unknown>[] = [];
      for await (const event of stream) made.push({ ...event });
      const { id } = (made[0] as unknown as { response: { id: string } }).response;
      const again: Record<string, unknown>[] = [];
      for await (const event of await client.responses.retrieve(id, { stream: true })) again.push({ ...event });
      expect(joined(again)).toEqual(joined(made));
      const rest: Record<string, unknown>[] = [];
      const wish = { stream: true, starting_after: 3 } as const;
      for await (const event of await client.responses.retrieve(id, wish)) rest.push({ ...event });
      expect(rest).toEqual(again.slice(4));
      told.push(again);
    }
    expect(told.map((events) => events.at(-1)?.["type"])).toEqual([
      ...["response.completed", "response.completed", "response.incomplete", "response.completed"],
    ]);
  });

  test("are over, so there is nothing to cancel; what is not there is not found", async () => {
    const client = await start();
    const { id } = await client.responses.create({ model, input: "Hi" });
    await expect(client.responses.cancel(id)).rejects.toMatchObject({ status: 400, param: "id" });
    await expect(client.responses.cancel("resp_none")).rejects.toMatchObject({ status: 404 });
    await expect(client.responses.retrieve(id, { stream: "maybe" } as never)).rejects.toMatchObject({ status: 400 });
  });

  test("are counted before they are made, with the turns they go on from", async () => {
    const client = await start();
    const count = async (request: object) =>
      (await client.responses.inputTokens.count({ model, ...request })).input_tokens;
    const first = await client.responses.create({ model, input: "I am Ada." });
    const alone = await count({ input: "Who am I?" });
    expect(await count({ input: "Who am I?", previous_response_id: first.id })).toBeGreaterThan(alone);
    expect(await bench.row()).toMatchObject({ path: "/v1/responses" });
    const asked = bench.engine.entries().filter(({ type }) => type === "request");
    expect(asked).toHaveLength(1);
    await expect(count({ input: [] })).rejects.toMatchObject({ status: 400, param: "input" });
  });

  test("are not kept where the client says so", async () => {
    const client = await start();
    for (const stream of [true, false]) {
      const request = { model, input: "Hi", store: false };
      const made = stream
        ? await client.responses.stream(request).finalResponse()
        : await client.responses.create(request);
      expect(made.id).toMatch(/^resp_/);
      await expect(client.responses.retrieve(made.id)).rejects.toMatchObject({ status: 404 });
    }
  });

  test("give their items to clients that only name them", async () => {
    const client = await start({ reasoning: true });
    const first = await client.responses.create({ model, input: "Hi" });
    const named = first.output.map(({ id }) => ({ type: "item_reference" as const, id: id ?? "" }));
    await client.responses.create({
      model,
      input: [{ role: "user", content: "Hi" }, ...named, { role: "user", content: "So?" }],
    });
    expect(sent()).toEqual([
      { role: "user", content: "Hi" },
      {
        ...{ role: "assistant", content: "Hello from the fake engine." },
        reasoning_content: "The user wants an answer.",
      },
      { role: "user", content: "So?" },
    ]);
    const unknown = client.responses.create({ model, input: [{ type: "item_reference", id: "msg_0_0" }] });
    await expect(unknown).rejects.toMatchObject({ status: 404, param: "input" });
  });

  test("are not made of an answer whose client left, or that failed", async () => {
    const client = await start({ tokens: 20, crashAfterTokens: 3 });
    const stream = await client.responses.create({ model, input: "Hi", stream: true });
    let id = "";
    for await (const event of stream) if (event.type === "response.created") id = event.response.id;
    await expect(client.responses.retrieve(id)).rejects.toMatchObject({ status: 404 });
  });
});

/** Events without their numbers and with pieces of one text put together. */
function joined(events: readonly Record<string, unknown>[]): unknown[] {
  const all: Record<string, unknown>[] = [];
  for (const { sequence_number: _number, ...event } of events) {
    const last = all.at(-1);
    if (last !== undefined && typeof event["delta"] === "string" && last["type"] === event["type"])
      all[all.length - 1] = { ...last, delta: `${String(last["delta"])}${event["delta"]}` };
    else all.push(event);
  }
  // The helper puts what it has parsed beside what was sent.
  return JSON.parse(JSON.stringify(all, (key, value: unknown) => (key.includes("parsed") ? undefined : value))) as [];
}

describe("the store of responses", () => {
  function world() {
    const core = coreWorld();
    const settings = createSettings({ ...core, fixed: {} });
    return { ...core, settings, responses: createResponses({ ...core, settings }) };
  }
  const turn = (id: string, previousId: string | null): Omit<StoredResponse, "createdAt" | "owner"> => ({
    ...{ id, previousId, input: [{ role: "user", content: id }] },
    response: { id, output: [] } as unknown as StoredResponse["response"],
  });
  const day = 24 * 60 * 60 * 1000;

  test("finds a conversation by its last turn, and says when a turn of it is missing", () => {
    const { responses } = world();
    responses.keep(turn("a", null));
    responses.keep(turn("b", "a"));
    responses.keep(turn("c", "b"));
    responses.keep(turn("x", "b"));
    expect(responses.chain("c")?.map(({ input }) => input[0]?.["content"])).toEqual(["a", "b", "c"]);
    expect(responses.remove("a")).toBe(true);
    expect([responses.chain("c"), responses.chain("nobody"), responses.find("a")]).toEqual([null, null, null]);
    responses.close();
  });

  test("shows a key its own turns, the master key all of them, and nobody another's", () => {
    const { responses } = world();
    const [ann, bob] = [responses.ownedBy("key_ann"), responses.ownedBy("key_bob")];
    ann.keep(turn("a", null));
    ann.keep(turn("b", "a"));
    bob.keep(turn("c", "b"));
    expect([ann.chain("b")?.length, responses.chain("b")?.length, responses.find("c")?.owner]).toEqual([
      2,
      2,
      "key_bob",
    ]);
    expect([bob.find("a"), bob.chain("b"), bob.chain("c"), bob.remove("a")]).toEqual([null, null, null, false]);
    expect(responses.remove("a")).toBe(true);
    responses.close();
  });

  test("storedResponseDays is the age at which turns are forgotten", () => {
    const { clock, responses, settings } = world();
    responses.keep(turn("old", null));
    clock.advance(29 * day);
    responses.keep(turn("new", null));
    expect(responses.find("old")).not.toBeNull();
    clock.advance(2 * day);
    expect([responses.find("old"), responses.find("new")?.id]).toEqual([null, "new"]);
    settings.update({ storedResponseDays: 1 });
    clock.advance(day / 24);
    expect(responses.find("new")).toBeNull();
    responses.close();
  });

  test("storedResponseBytes is the size above which the oldest are forgotten", () => {
    const { clock, database, responses, settings } = world();
    for (const id of ["a", "b", "c"]) {
      responses.keep(turn(id, null));
      clock.advance(1000);
    }
    database.prepare("UPDATE stored_responses SET bytes = 200000000").run();
    const kept = (): string[] => {
      clock.advance(day / 24);
      return ["a", "b", "c"].filter((id) => responses.find(id) !== null);
    };
    expect(kept()).toEqual(["b", "c"]);
    settings.update({ storedResponseBytes: 200_000_000 });
    expect(kept()).toEqual(["c"]);
    responses.close();
  });

  test("that cannot write loses the turn, not the answer, and says so in the log", () => {
    const { database, logged, responses } = world();
    database.exec("DROP TABLE stored_responses");
    responses.keep(turn("a", null));
    expect(logged).toMatchObject([{ msg: "a response could not be kept", response: "a" }]);
    responses.close();
  });
});
