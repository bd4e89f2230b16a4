import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import type { Profile } from "../../../service/src/contract/profiles.ts";
import { writeCachedModel } from "../../tools/cached-model.ts";
import { startTestService } from "../../tools/compose-test.ts";
import type { TestService } from "../../tools/compose-test.ts";
import { serviceApi } from "../../tools/service-api.ts";
import { protocols, send } from "./scripted-requests.ts";
import type { Script, ScriptedProtocol } from "./scripted-requests.ts";

const narrow = "own/narrow";
const slow = "own/slow";
let home: string;
let service: TestService;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "mlx-manager-waiting-"));
  await writeCachedModel(join(home, "hub"), narrow, { scripted: true });
  await writeCachedModel(join(home, "hub"), slow, { startDelayMs: 600_000, loadingSteps: 1000 });
  service = await startTestService({ home });
  const api = serviceApi(service.address);
  await api.get(`/api/models/${narrow}`);
  const { items } = await api.get<{ items: Profile[] }>("/api/profiles?limit=200");
  const profile = items.find(({ model }) => model === narrow);
  await api.send("PATCH", `/api/profiles/${profile?.id}`, { limits: { concurrency: 1 } });
}, 60_000);
afterAll(async () => {
  await service.close();
  rmSync(home, { recursive: true, force: true });
});

const leavers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const leave of leavers.splice(0).reverse()) await leave();
});

/** A stream that says nothing but that its client waits; left after the test. */
async function begin(protocol: ScriptedProtocol, model: string, script: Script, client = "tester") {
  const leaving = new AbortController();
  const asked = { address: service.address, protocol, model, stream: true, script, client };
  const { body } = await send({ ...asked, signal: leaving.signal });
  const iterator = body[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let text = "";
  const leave = async (): Promise<void> => {
    leaving.abort();
    await iterator.next().catch(() => undefined);
  };
  leavers.push(leave);
  return {
    leave,
    /** Reads on until the text so far fits. */
    async until(pattern: RegExp): Promise<string> {
      while (!pattern.test(text)) {
        const next = await iterator.next();
        if (next.done === true) throw new Error(`The stream ended with "${text}".`);
        text += next.value.toString("utf8");
      }
      return text;
    },
  };
}

const [chat] = protocols as [ScriptedProtocol];

describe("who waits for a place", () => {
  test("is told where it stands in the line, whoever comes and goes, and so are all who listen", async () => {
    const holder = await begin(chat, narrow, { prefillKeepalives: 2, tokens: 1, at: 1, then: "silent" }, "holder");
    await holder.until(/"content":"t0"/);
    const listening = serviceApi(service.address).until("servers", ({ event }) =>
      event?.type === "server.changed" && event.data.waiting === 2 ? event.data : null,
    );
    const first = await begin(chat, narrow, {}, "first");
    expect(await first.until(/queued \d/)).toMatch(/: queued 1\/1\n\n$/);
    const second = await begin(chat, narrow, {}, "second");
    expect(await second.until(/queued \d/)).toMatch(/: queued 2\/2\n\n$/);
    expect(await first.until(/1\/2/)).toMatch(/: queued 1\/2\n\n$/);
    expect(await listening).toMatchObject({ model: narrow, inFlight: 1, waiting: 2 });
    await first.leave();
    expect(await second.until(/1\/1/)).toMatch(/: queued 1\/1\n\n$/);
  });
});

/** How each protocol says that there is life, so that neither its clients nor proxies give up. */
const signs: Readonly<Record<ScriptedProtocol["name"], Record<"queued" | "loading" | "prefill", RegExp>>> = {
  chat: {
    queued: /^(: queued\n\n)?: queued 1\/1\n\n/,
    loading: /^(: queued\n\n)?: loading( \d+\/\d+)?\n\n/,
    prefill: /: prefill 1\/\d+\n\n/,
  },
  responses: {
    queued: /^event: response\.created\n.+\n\nevent: response\.in_progress\n/,
    loading: /^event: response\.created\n.+\n\nevent: response\.in_progress\n/,
    prefill: /^event: response\.created\n.+\n\nevent: response\.in_progress\n/,
  },
  messages: {
    queued: /^event: message_start\n.+\n\nevent: ping\n/,
    loading: /^event: message_start\n.+\n\nevent: ping\n/,
    prefill: /^event: message_start\n.+\n\nevent: ping\n/,
  },
  ollama: { queued: /^ /, loading: /^ /, prefill: /^ / },
};

describe.each(protocols.map((protocol) => [protocol.name, protocol] as const))(
  "over %s a client hears",
  (name, protocol) => {
    test("that it is queued", async () => {
      const holder = await begin(chat, narrow, { tokens: 1, at: 1, then: "silent" }, "holder");
      await holder.until(/"content":"t0"/);
      const waiting = await begin(protocol, narrow, {});
      await waiting.until(signs[name].queued);
      await holder.leave();
    });

    test("that its model loads", async () => {
      const waiting = await begin(protocol, slow, {});
      await waiting.until(signs[name].loading);
    });

    test("that its prompt is read", async () => {
      const waiting = await begin(protocol, narrow, { prefillKeepalives: 2000, tokenDelayMs: 500 });
      await waiting.until(signs[name].prefill);
    });
  },
);
