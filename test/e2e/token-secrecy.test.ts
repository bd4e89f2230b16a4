import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { routes } from "../../service/src/contract/routes.ts";
import type { Route } from "../../service/src/contract/routes.ts";
import type { Download } from "../../service/src/contract/downloads.ts";
import type { HubToken } from "../../service/src/contract/hub-token.ts";
import { createSecrets } from "../../service/src/core/secrets/index.ts";
import { createLog } from "../../service/src/platform/log.ts";
import { startFakeHub } from "../fakes/fake-hub/index.ts";
import type { FakeHub } from "../fakes/fake-hub/index.ts";
import { startTlsFront } from "../fakes/tls-front.ts";
import { startWebProxy } from "../fakes/web-proxy.ts";
import { tinyRepo } from "../fixtures/hub-repos.ts";
import { makeCertificates } from "../tools/certificates.ts";
import { sharedEnginesPath } from "../tools/engine-environment.ts";
import { descendantsOf, rowsOf, secretsBelow, secretsIn } from "../tools/secret-search.ts";
import type { Secret } from "../tools/secret-search.ts";
import { startServiceProcess } from "../tools/service-process.ts";
import type { ServiceProcess } from "../tools/service-process.ts";

const word = () => randomBytes(15).toString("base64url").replace(/[-_]/g, "x");
const stored = `hf_Stored${word()}`;
const variable = `hf_Variable${word()}`;
const wrong = `hf_Wrong${word()}`;
const password = `Pass${word()}`;
const secrets: Secret[] = [
  { name: "the stored token", text: stored },
  { name: "the token of the variable", text: variable },
  { name: "a refused token", text: wrong },
  { name: "the proxy's password", text: password },
];

let home: string;
let hub: FakeHub;
/** Everything that anybody could read: answers, events, output. */
const shown: string[] = [];
const open: { close(): Promise<unknown> }[] = [];
let service: ServiceProcess;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "mlx-manager-secrecy-"));
  const huge = { "model.safetensors": { size: 5e14, seed: 1, sha256: "a".repeat(64) } };
  hub = await startFakeHub({
    repos: [
      ...[tinyRepo("org/fine"), tinyRepo("org/flipped"), tinyRepo("org/huge", { files: huge }), tinyRepo("org/killed")],
      ...[tinyRepo("org/gated", { gated: "manual" }), tinyRepo("org/hidden", { private: true })],
      ...[tinyRepo("org/disabled", { disabled: true }), tinyRepo("org/after")],
    ],
    tokens: { [stored]: { name: "ann" }, [variable]: { name: "ann" } },
  });
  await start();
}, 600_000);
afterAll(async () => {
  for (const one of open) await one.close();
  const { platform } = process;
  const log = createLog({ debug: false });
  await createSecrets({ secretsPath: join(home, "secrets.json"), platform, log }).remove("hub-token");
  await hub.close();
  await rm(home, { recursive: true, force: true, maxRetries: 5 });
});

/** The service with debug logging, on the same data directory each time. */
async function start(environment: Readonly<Record<string, string>> = {}): Promise<void> {
  service = await startServiceProcess({
    home,
    environment: {
      ...{ HF_ENDPOINT: hub.url, MLX_MANAGER_DEBUG: "true", MLX_MANAGER_HF_ORGANIZATION: "" },
      ...{ MLX_MANAGER_ENGINES_PATH: await sharedEnginesPath(), ...environment },
    },
  });
  const { lines, child } = service;
  open.push({
    close: async () => void (child.exitCode === null && child.signalCode === null && (await end("SIGTERM"))),
  });
  child.once("close", () => shown.push(...lines));
  void follow();
}

let following = new AbortController();

async function end(signal: NodeJS.Signals): Promise<void> {
  following.abort();
  await service.kill(signal);
}

/** Keeps every event, of every topic, as it came over the wire. */
async function follow(): Promise<void> {
  following = new AbortController();
  const { signal } = following;
  try {
    const response = await fetch(`${service.address}/api/events`, { signal });
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      shown.push(chunk);
      for (const look of looking) look();
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

const looking = new Set<() => void>();

async function call<Body>(method: string, path: string, body?: unknown): Promise<{ status: number; body: Body }> {
  const response = await fetch(`${service.address}${path}`, {
    method,
    ...(body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
  });
  const text = await response.text();
  shown.push(text, JSON.stringify([...response.headers]));
  return { status: response.status, body: (text === "" ? null : JSON.parse(text)) as Body };
}

const codeOf = async (method: string, path: string, body?: unknown): Promise<string | undefined> =>
  (await call<{ error?: { code: string } }>(method, path, body)).body.error?.code;

/** How a download ends, told by the events. */
async function pull(model: string): Promise<string> {
  const { id } = (await call<Download>("POST", "/api/downloads", { model })).body;
  for (;;) {
    const changed = new Promise<void>((resolve) => looking.add(() => resolve()));
    const { state, error, pauseReason } = (await call<Download>("GET", `/api/downloads/${id}`)).body;
    if (["completed", "failed", "paused"].includes(state)) return error?.code ?? pauseReason ?? state;
    await changed;
    looking.clear();
  }
}

/** Words that were never searched for before: an earlier answer cannot stand in. */
const search = () => codeOf("GET", `/api/hub/models?query=${word()}`);

describe("a token stays where it belongs", () => {
  test("while it is stored, refused and asked about", async () => {
    expect((await call<HubToken>("PUT", "/api/hub/token", { token: stored })).body).toEqual({
      ...{ source: "stored", name: "ann", problem: null },
    });
    expect(await codeOf("PUT", "/api/hub/token", { token: wrong })).toBe("token_invalid");
    expect(await codeOf("PUT", "/api/hub/token", { token: `${wrong} ${wrong}` })).toBe("invalid_request");
    expect(await codeOf("PUT", "/api/hub/token", { token: [wrong] })).toBe("invalid_request");
    expect(await codeOf("PUT", "/api/hub/token", wrong)).toBe("invalid_request");
    expect((await call<HubToken>("GET", "/api/hub/token")).body.name).toBe("ann");
  });

  test("through every refusal of the Hub", async () => {
    expect(await pull("org/fine")).toBe("completed");
    expect(await pull("org/gated")).toBe("gated_not_accepted");
    expect(await pull("org/hidden")).toBe("repo_not_found_or_private");
    expect(await pull("org/disabled")).toBe("forbidden");
    hub.faults.add({ kind: "status", status: 503, times: 1 });
    expect(await search()).toBeUndefined();
    const limit = hub.faults.add({ kind: "rate-limit", seconds: 300, path: "/api/models" });
    expect(await search()).toBe("rate_limited");
    limit();
    const portal = hub.faults.add({ kind: "html-page" });
    expect(await search()).toBe("endpoint_not_a_hub");
    expect(await pull("org/after")).toBe("endpoint_not_a_hub");
    portal();
  }, 120_000);

  test("through wrong bytes and a full disk", async () => {
    hub.faults.add({ kind: "flip-byte", at: 100, repo: "org/flipped", file: "model.safetensors" });
    expect(await pull("org/flipped")).toBe("checksum_mismatch");
    expect(await pull("org/huge")).toBe("disk_full");
  }, 120_000);

  test("when the Hub refuses it of a sudden, and public models are still found", async () => {
    hub.tokens.delete(stored);
    expect(await pull("org/after")).toBe("token_invalid");
    expect(await search()).toBeUndefined();
    expect((await call<HubToken>("GET", "/api/hub/token")).body.problem?.code).toBe("token_invalid");
    hub.tokens.set(stored, { name: "ann" });
  }, 120_000);

  test("through a crash in the middle of a download, and in what an engine's process can see", async () => {
    hub.faults.add({ kind: "stall", afterBytes: 1000, repo: "org/killed", server: "cdn", times: 1 });
    await call("POST", "/api/downloads", { model: "org/killed" });
    await hub.waitForRequest(
      ({ repo, server, bytesSent }) => repo === "org/killed" && server === "cdn" && bytesSent > 0,
    );
    await end("SIGKILL");
    await start({ HF_TOKEN: variable });
    expect((await call<HubToken>("GET", "/api/hub/token")).body).toMatchObject({ source: "environment", name: "ann" });
    expect(await pull("org/killed")).toBe("completed");
    expect(await codeOf("POST", "/api/models/mlx-manager/demo/load?wait=true")).toBeUndefined();
    const children = descendantsOf(service.pid);
    expect(children.length).toBeGreaterThan(0);
    for (const { shown: seen } of children) expect(secretsIn(seen, secrets)).toEqual([]);
  }, 120_000);

  test("behind a certificate that nobody knows, and proxies that refuse", async () => {
    const certificates = makeCertificates();
    const secure = await startTlsFront(hub.url, certificates);
    const proxy = await startWebProxy({ login: "ada:another" });
    open.push(secure, proxy, { close: () => Promise.resolve(certificates.remove()) });
    const login = `http://ada:${password}@localhost:${proxy.port}`;
    const ways: [Record<string, string>, string][] = [
      [{ HF_ENDPOINT: secure.url }, "tls_failed"],
      [{ HF_ENDPOINT: secure.url, HTTPS_PROXY: login }, "proxy_failed"],
      [{ HTTP_PROXY: login }, "proxy_failed"],
      [{ ALL_PROXY: `socks5://ada:${password}@localhost:9` }, "proxy_failed"],
    ];
    for (const [environment, code] of ways) {
      await end("SIGKILL");
      await start({ HF_TOKEN: variable, ...environment });
      expect(await search()).toBe(code);
      expect(await pull("org/after")).toBe(code);
      expect((await call<HubToken>("GET", "/api/hub/token")).body.problem?.code).toBe(code);
    }
    expect(proxy.logins.some((given) => given !== undefined)).toBe(true);
  }, 120_000);

  test("in every answer that needs no more than an address", async () => {
    const { items } = (await call<{ items: { id: string }[] }>("GET", "/api/downloads")).body;
    expect(items.length).toBeGreaterThan(5);
    for (const { method, path, stream } of Object.values(routes) as Route[])
      if (method === "GET" && stream === undefined && !path.includes("{")) await call(method, path);
    await call("GET", "/openapi.json");
  });

  test("and so it is in no file, row, event, answer or line of the log", async () => {
    await end("SIGKILL"); // what a checkpoint would tidy away is still there
    const signatures = hub.requests.flatMap(({ query }) => query.get("Signature") ?? []);
    expect(signatures.length).toBeGreaterThan(0);
    const all = [...secrets, ...[...new Set(signatures)].map((text) => ({ name: "a signature", text }))];

    const { found, searched } = secretsBelow(home, all);
    // macOS keeps it in the Keychain.
    expect(found).toEqual(process.platform === "darwin" ? [] : ["secrets.json: the stored token"]);
    for (const name of ["mlx-manager.db", "mlx-manager.db-wal", "hub/models--org--fine/refs/main"])
      expect(searched).toContain(name);
    expect(searched.some((name) => name.startsWith("logs/server-"))).toBe(true);
    expect(secretsIn(rowsOf(join(home, "mlx-manager.db")), all)).toEqual([]);

    const text = [...shown, readFileSync(join(home, "logs/service.log"), "utf8")].join("\n");
    for (const sign of [
      "event: snapshot",
      "download.changed",
      "checksum_mismatch",
      "asking the Hub",
      '"level":"debug"',
    ])
      expect([sign, text.includes(sign)]).toEqual([sign, true]);
    expect(secretsIn(text, all)).toEqual([]);
  });

  test("while it did travel to the Hub, and to nobody else", () => {
    const sent = (token: string) => hub.requests.filter(({ headers }) => headers.authorization === `Bearer ${token}`);
    for (const token of [stored, variable]) expect(sent(token).length).toBeGreaterThan(3);
    expect(
      hub.requests.filter(({ server, headers }) => server === "cdn" && headers.authorization !== undefined),
    ).toEqual([]);
  });
});
