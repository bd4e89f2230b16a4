import { once } from "node:events";
import http from "node:http";
import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { systemClock } from "../../../../service/src/platform/clock.ts";
import type { Clock } from "../../../../service/src/platform/clock.ts";
import { tinyRepo } from "../../../fixtures/hub-repos.ts";
import { ApiFailure } from "../../../tools/service-api.ts";
import { startMirrorWorld } from "./mirror-world.ts";
import type { MirrorWorld } from "./mirror-world.ts";

const key = "a-key-for-this-test";
const bearer = { authorization: `Bearer ${key}` };
type Headers = Record<string, string>;
const attempts: Headers[] = [{}, { authorization: "Bearer not-the-key" }, { "x-api-key": key }];
const strangers: Headers[] = [{}, { authorization: "Bearer hf_somebody_elses" }];
const file = "/hub/own/tiny/resolve/main/README.md";
const weights = 48 * 1024 * 1024;

/** Time passes at once for what lingers after the last reader. */
const hastyClock: Clock = {
  ...systemClock,
  after: (milliseconds, call) => systemClock.after(milliseconds === 5000 ? 0 : milliseconds, call),
};

let open: MirrorWorld;
let locked: MirrorWorld;
beforeAll(async () => {
  const config = JSON.stringify({ model_type: "llama" });
  const big = {
    id: "own/big",
    tags: ["mlx"],
    files: { "config.json": config, "extra/big.bin": { size: weights, seed: 3 } },
  };
  open = await startMirrorWorld({ repos: [tinyRepo("own/tiny"), tinyRepo("own/big", big)], clock: hastyClock });
  locked = await startMirrorWorld({ repos: [tinyRepo("own/tiny")], environment: { MLX_MANAGER_API_KEY: key } });
  await open.download("own/tiny");
  await open.download("own/big");
  await locked.download("own/tiny");
}, 120_000);
afterAll(async () => {
  await open.close();
  await locked.close();
});

const messageOf = (answer: { json: unknown }) => (answer.json as { error: { message: string } }).error.message;

describe("a locked service", () => {
  test.each(["/hub/api/models", "/hub/api/models/own/tiny", file, "/hub/api/whoami-v2"])(
    "tells nothing of %s without the key, by HEAD as little as by GET",
    async (path) => {
      for (const method of ["GET", "HEAD"]) {
        for (const headers of attempts) {
          const answer = await locked.ask(path, { method, headers });
          expect([method, answer.status]).toEqual([method, 401]);
          expect(answer.headers["x-error-message"]).toMatch(/key/);
          expect(answer.headers["etag"]).toBeUndefined();
        }
      }
    },
  );

  test("answers with it", async () => {
    expect((await locked.ask(file, { headers: bearer })).status).toBe(200);
    const head = await locked.ask(file, { method: "HEAD", headers: bearer });
    expect({ status: head.status, etag: head.headers["etag"] }).toEqual({ status: 200, etag: expect.any(String) });
    const { json } = await locked.ask("/hub/api/whoami-v2", { headers: bearer });
    expect(json).toMatchObject({ type: "user", auth: { accessToken: { role: "read" } } });
  });
});

describe("an open service", () => {
  test("knows nobody's name, whatever token a client brings along", async () => {
    for (const headers of strangers) {
      expect((await open.ask(file, { headers })).status).toBe(200);
      expect((await open.ask("/hub/api/whoami-v2", { headers })).status).toBe(401);
    }
    expect(JSON.stringify(open.service.logged)).not.toContain("hf_somebody_elses");
  });
});

describe("sharing that is switched off", () => {
  test("is 404 for everything, with the way to switch it on, at once and without a restart", async () => {
    await open.api.send("PATCH", "/api/settings", { mirrorEnabled: false });
    const paths = ["/hub/api/models", "/hub/api/models/own/tiny", "/hub/api/models/own/tiny/tree/main", file];
    for (const path of [...paths, "/hub/api/whoami-v2", "/hub/anything"]) {
      const answer = await open.ask(path);
      expect([path, answer.status]).toEqual([path, 404]);
      expect(messageOf(answer)).toContain("mlx-manager config set mirrorEnabled true");
      expect(answer.headers["x-error-message"]).toContain("mirrorEnabled");
      expect(answer.headers["x-error-code"]).toBeUndefined();
    }
    await open.api.send("PATCH", "/api/settings", { mirrorEnabled: true });
    expect((await open.ask(file)).status).toBe(200);
  });

  test("is how it starts", () => {
    const { mirrorEnabled } = open.service.service.settings.view();
    expect(mirrorEnabled).toMatchObject({ source: "database" });
  });
});

describe("while a file is read", () => {
  /** A client that has taken the first bytes and then nothing more. */
  async function slowReader(path: string) {
    const request = http.get(`${open.service.address}${path}`, { agent: new http.Agent() });
    const [response] = (await once(request, "response")) as [http.IncomingMessage];
    await once(response, "readable");
    return { response, leave: () => request.destroy() };
  }

  test("the model cannot be deleted, and can when the reader has left", async () => {
    const reader = await slowReader("/hub/own/big/resolve/main/extra/big.bin");
    const refused = open.api.send("DELETE", "/api/models/own/big");
    await expect(refused).rejects.toBeInstanceOf(ApiFailure);
    await expect(refused).rejects.toMatchObject({
      status: 409,
      body: { error: { code: "model_in_use", message: expect.stringContaining("Another machine is downloading it") } },
    });
    const { path } = open.service.service.models.locate("own/big", "main");
    reader.leave();
    const { body } = await retried(() => open.service.call("DELETE", "/api/models/own/big"));
    expect(body).toBeDefined();
    expect(existsSync(path)).toBe(false);
    expect((await open.ask("/hub/api/models/own/big")).status).toBe(404);
  }, 120_000);
});

/** Asked again until the server has seen that the reader left; every turn is a request of its own. */
async function retried<Answer extends { status: number }>(call: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    const answer = await call();
    if (answer.status !== 409) return answer;
  }
}
