import type { Server } from "../../service/src/contract/servers.ts";
import { readEventStream } from "../tools/event-source.ts";
import { processesWith } from "../tools/processes-with.ts";
import type { RealService } from "./real-service.ts";

/** What a real engine is doing when something is killed. */
export const killMoments = ["load", "probe", "prefill", "stream", "unload"] as const;
export type KillMoment = (typeof killMoments)[number];

export interface KillScene {
  /** Everything the service has started and that still runs. */
  offspring(): number[];
  /** The text of one streamed answer, with `[DONE]` when it came to its end. */
  chat(question: string, onSign?: (sign: string) => void): Promise<string>;
  unload(): Promise<{ items: Server[] }>;
  /** Brings a server to the moment; `answer` is what a client then waits for. */
  reach(moment: KillMoment): Promise<{ server: Server; answer: Promise<string> }>;
  serverWhere(fits: (server: Server) => boolean): Promise<Server>;
}

/** About 1,700 tokens: with a small step, reading them lasts for seconds. */
const longQuestion = "Explain step by step how to use MLX Manager. ".repeat(120);

/** @param name the profile that is asked; with a small `prefillStepSize`, so that a prompt is read in many steps. */
export function createKillScene(service: RealService, name: string, model: string): KillScene {
  const serverWhere = (fits: (server: Server) => boolean): Promise<Server> =>
    service.api().until("servers", ({ snapshot, event }) => {
      const all = [...(snapshot?.servers ?? []), ...(event?.type === "server.changed" ? [event.data] : [])];
      return all.find(fits);
    });
  const ready = () => serverWhere(({ state, profile }) => state === "ready" && profile === name);
  const unload = () => service.api().send<{ items: Server[] }>("POST", `/api/models/${model}/unload`);
  const chat: KillScene["chat"] = (question, onSign = () => undefined) =>
    ask(service.address(), name, question, onSign);
  /** Asks, and waits for a sign of how far it is. */
  const until = async (question: string, kind: RegExp) => {
    const begun = Promise.withResolvers<void>();
    const answer = chat(question, (sign) => void (kind.test(sign) && begun.resolve()));
    await Promise.race([begun.promise, answer.then(() => Promise.reject(new Error(`${kind} never came.`)))]);
    return { server: await ready(), answer };
  };
  return {
    ...{ chat, unload, serverWhere },
    offspring: () => processesWith(`HOME=${service.home}`).filter((pid) => pid !== service.process().pid),
    async reach(moment) {
      if (moment === "prefill") return until(longQuestion, /^prefill \d/);
      if (moment === "stream") return until("Explain step by step how to use MLX Manager", /^word /);
      if (moment === "unload") {
        await chat("Hello");
        const answer = unload().then(() => "unloaded");
        return { server: await serverWhere(({ state }) => state === "stopping"), answer };
      }
      const answer = chat("Hello");
      const isThere = ({ state, port }: Server) =>
        moment === "load" ? state === "starting" && port !== null : state === "warming";
      return { server: await serverWhere(isThere), answer };
    },
  };
}

async function ask(address: string, model: string, question: string, onSign: (sign: string) => void): Promise<string> {
  const response = await fetch(`${address}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      ...{ model, stream: true, temperature: 0 },
      messages: [{ role: "user", content: question }],
    }),
  });
  let text = "";
  for await (const { data, comment } of readEventStream(response)) {
    if (comment !== "") onSign(comment);
    if (data === "[DONE]") text += data;
    if (typeof data !== "object") continue;
    const word = (data as { choices?: { delta: { content?: string } }[] }).choices?.[0]?.delta.content ?? "";
    text += word;
    if (word !== "") onSign(`word ${word}`);
  }
  return text;
}
