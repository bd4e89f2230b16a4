import { readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Server } from "../../../../service/src/contract/servers.ts";
import { environmentOf, groupMembers } from "../../../../service/src/serving/pool/units/process/process-group.ts";
import { writeCachedModel } from "../../../tools/cached-model.ts";
import { readEventStream } from "../../../tools/event-source.ts";
import { processesWith } from "../../../tools/processes-with.ts";
import { serviceApi } from "../../../tools/service-api.ts";
import type { ServiceApi } from "../../../tools/service-api.ts";
import { startServiceProcess } from "../../../tools/service-process.ts";
import type { ServiceProcess } from "../../../tools/service-process.ts";

const program = fileURLToPath(new URL("../../../fakes/fake-engine-service.ts", import.meta.url));
export const model = "own/victim";

/** Served by one process, or by a cluster of two ranks on this machine, whose `launcher` is its head. */
export type Kind = "process" | "cluster";
export const modelOf: Record<Kind, string> = { process: model, cluster: "pair" };
export type Victim = "service" | "launcher" | "child" | "service and launcher" | "rank 0" | "rank 1";
export type Moment = "install" | "load" | "probe" | "prefill" | "stream" | "unload";

/** What a client saw of one answer. */
export interface Outcome {
  readonly status: number;
  readonly text: string;
  readonly isDone: boolean;
  /** The code of the error it was told, whether as the answer or in the stream; `closed` when the connection was cut. */
  readonly error: string | null;
}

export interface KillWorld {
  readonly api: () => ServiceApi;
  /** What the next engine that is started does. */
  setFlags(flags: Readonly<Record<string, unknown>>): void;
  /** One streamed answer; `onSign` hears of its progress (`prefill 3/9`) and its words as they come. */
  chat(kind: Kind, onSign?: (sign: string) => void): Promise<Outcome>;
  liveServers(): Promise<Server[]>;
  kill(victim: Victim, server: Server): Promise<void>;
  /** Pids of everything that was started by the service and still runs, whatever became of its parent. */
  offspring(): number[];
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** The whole service as a process of its own, with the fake engine. */
export async function openKillWorld(): Promise<KillWorld> {
  const home = await mkdtemp(join(tmpdir(), "mlx-manager-kills-"));
  await writeCachedModel(join(home, "hub"), model);
  const setFlags = (flags: Readonly<Record<string, unknown>>) =>
    writeFileSync(join(home, "engine-flags.json"), JSON.stringify(flags));
  setFlags({});
  const start = () => startServiceProcess({ home, main: program });
  let service: ServiceProcess = await start();
  await serviceApi(service.address).send("PATCH", "/api/settings", { stopGraceSeconds: 1 });
  const here = { host: "127.0.0.1", ips: ["127.0.0.1"] };
  await serviceApi(service.address).send("POST", "/api/profiles", {
    ...{ slug: modelOf.cluster, model, kind: "cluster" },
    cluster: { hosts: [here, here], mode: "tensor", backend: "ring" },
  });
  const api = () => serviceApi(service.address);
  const killService = async () => void (await service.kill("SIGKILL"));
  const victims: Record<Victim, (server: Server) => Promise<void> | void> = {
    service: killService,
    launcher: ({ pid }) => void process.kill(pid!, "SIGKILL"),
    child({ pid }) {
      const child = groupMembers(pid!).find((member) => member !== pid);
      if (child === undefined) throw new Error("The engine has no child.");
      process.kill(child, "SIGKILL");
    },
    async "service and launcher"({ pid }) {
      process.kill(pid!, "SIGKILL");
      await killService();
    },
    "rank 0": (server) => killRank(server, 0),
    "rank 1": (server) => killRank(server, 1),
  };
  return {
    ...{ api, setFlags },
    chat: (kind, onSign = () => undefined) => chat(service.address, modelOf[kind], onSign),
    liveServers: async () => (await api().get<{ items: Server[] }>("/api/servers?running=true")).items,
    kill: async (victim, server) => victims[victim](server),
    offspring: () => processesWith(`HOME=${home}`).filter((pid) => pid !== service.pid),
    async restart() {
      service = await start();
    },
    async close() {
      if (service.child.exitCode === null && service.child.signalCode === null) await service.kill("SIGTERM");
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Not a child of it: those have inherited which rank it is. */
function killRank({ pid }: Server, rank: number): void {
  const isRank = (member: number) =>
    environmentOf(member, "MLX_RANK") === String(rank) &&
    readFileSync(`/proc/${member}/cmdline`, "utf8").includes("fake-engine.mjs");
  const [found] = groupMembers(pid!).filter(isRank);
  if (found === undefined) throw new Error(`There is no rank ${rank}.`);
  process.kill(found, "SIGKILL");
}

async function chat(address: string, name: string, onSign: (sign: string) => void): Promise<Outcome> {
  const outcome = { status: 0, text: "", isDone: false, error: null as string | null };
  try {
    const response = await fetch(`${address}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model: name, stream: true, messages: [{ role: "user", content: "Hello" }] }),
    });
    outcome.status = response.status;
    if (response.status !== 200) {
      outcome.error = ((await response.json()) as { error: { code: string } }).error.code;
      return outcome;
    }
    for await (const { data, comment } of readEventStream(response)) {
      if (comment !== "") onSign(comment);
      if (data === "[DONE]") outcome.isDone = true;
      if (typeof data !== "object") continue;
      const { choices, error } = data as { choices?: { delta: { content?: string } }[]; error?: { code: string } };
      if (error) outcome.error = error.code;
      const word = choices?.[0]?.delta.content ?? "";
      outcome.text += word;
      if (word !== "") onSign(`word ${word}`);
    }
  } catch {
    // The service was killed: that is what the client sees of it.
    outcome.error = "closed";
  }
  return outcome;
}
