import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { request } from "undici";
import { createDispatchers, createHub } from "../../../../service/src/library/hub/index.ts";
import { startFakeHub } from "../../../fakes/fake-hub/index.ts";
import type { FakeHub } from "../../../fakes/fake-hub/index.ts";
import { startTlsFront } from "../../../fakes/tls-front.ts";
import type { TlsFront } from "../../../fakes/tls-front.ts";
import { catalog, tinyRepo } from "../../../fixtures/hub-repos.ts";
import { makeCertificates } from "../../../tools/certificates.ts";
import type { Certificates } from "../../../tools/certificates.ts";
import { failureOf, handClock, recordedLog } from "../parts.ts";

const { signal } = new AbortController();
const popular = { search: "qwen", author: "", sort: "downloads", limit: 4 } as const;
let certificates: Certificates;
let fake: FakeHub;
let secure: TlsFront;
let folder: string;
const open: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  certificates = makeCertificates();
  fake = await startFakeHub({ repos: [...catalog(20), tinyRepo("org/tiny")] });
  secure = await startTlsFront(fake.url, certificates);
  folder = mkdtempSync(join(tmpdir(), "mlx-manager-tls-"));
});
afterAll(async () => {
  await secure.close();
  await fake.close();
  certificates.remove();
  rmSync(folder, { recursive: true });
});
afterEach(async () => {
  fake.reset();
  await Promise.all(open.splice(0).map((one) => one.close()));
});

function start(endpoint: string, caFile: string | null) {
  const hub = createHub({
    ...{ endpoint, token: () => null, offline: false, proxy: null, caFile, deadlineMs: () => 15_000 },
    ...{ clock: handClock(), log: recordedLog().log, random: () => 0.5 },
  });
  open.push(hub);
  return hub;
}

describe("a certificate authority of one's own", () => {
  test("that nobody knows is a question of trust, asked once, and the message names the variables", async () => {
    const failure = await failureOf(start(secure.url, null).listModels(popular, signal));
    expect(failure).toMatchObject({ code: "tls_failed", details: { endpoint: new URL(secure.url).host } });
    expect(failure.message).toMatch(/SSL_CERT_FILE.*NODE_EXTRA_CA_CERTS/);
    expect(fake.requests).toEqual([]);
  });

  test("named in a file is trusted, for metadata and for bytes", async () => {
    const hub = start(secure.url, certificates.authorityPath);
    const { sha } = await hub.repository("org/tiny", "main", signal);
    expect((await hub.listModels(popular, signal)).entries).toHaveLength(4);
    const dispatchers = createDispatchers({ proxy: null, caFile: certificates.authorityPath });
    open.push(dispatchers);
    const address = `${secure.url}/api/resolve-cache/models/org/tiny/${sha}/config.json`;
    const { statusCode, body } = await request(address, { dispatcher: dispatchers.forUrl(address) });
    expect([statusCode, JSON.parse(await body.text())]).toEqual([
      200,
      expect.objectContaining({ model_type: "llama" }),
    ]);
  });

  test("named by NODE_EXTRA_CA_CERTS is trusted as well", async () => {
    const program = fileURLToPath(new URL("ask-hub.ts", import.meta.url));
    const ask = async (environment: Record<string, string>) => {
      const words = ["--disable-warning=ExperimentalWarning", program, secure.url];
      const { stdout } = await promisify(execFile)(process.execPath, words, {
        env: { PATH: process.env["PATH"] ?? "", ...environment },
      });
      return stdout.trim();
    };
    expect(await ask({ NODE_EXTRA_CA_CERTS: certificates.authorityPath })).toBe("4 entries");
    expect(await ask({})).toBe("tls_failed");
  });

  test.each([
    ["expired", "date"],
    ["foreign", "another one's certificate"],
  ] as const)("does not help a certificate that is %s", async (kind, text) => {
    const front = await startTlsFront(fake.url, certificates[kind]);
    open.push(front);
    const failure = await failureOf(start(front.url, certificates.authorityPath).listModels(popular, signal));
    expect(failure).toMatchObject({ code: "tls_failed", message: expect.stringContaining(text) });
  });

  test("a plain server where a secure one is expected is told as that", async () => {
    const failure = await failureOf(start(fake.url.replace("http:", "https:"), null).listModels(popular, signal));
    expect(failure).toMatchObject({ code: "tls_failed", message: expect.stringContaining("HF_ENDPOINT") });
  });

  test("in a file that is missing or none, the message names the variables", async () => {
    const odd = join(folder, "odd.pem");
    writeFileSync(odd, "no certificate");
    const broken = join(folder, "broken.pem");
    writeFileSync(broken, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    for (const caFile of [join(folder, "absent.pem"), odd, broken]) {
      const failure = await failureOf(start(secure.url, caFile).listModels(popular, signal));
      expect(failure).toMatchObject({ code: "tls_failed", message: expect.stringContaining("SSL_CERT_FILE") });
    }
  });
});
