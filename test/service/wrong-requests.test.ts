import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { startTestService } from "../tools/compose-test.ts";
import type { TestService } from "../tools/compose-test.ts";
import { wrongRequests } from "../fixtures/wrong-requests.ts";
import { sendRaw } from "../tools/send-raw.ts";

let open: TestService;
let locked: TestService;
beforeAll(async () => {
  open = await startTestService();
  locked = await startTestService({ environment: { MLX_MANAGER_API_KEY: "a-key-for-this-test" } });
}, 120_000);
afterAll(async () => {
  await open.close();
  await locked.close();
});

const codeOf = (body: unknown): string => (body as { error: { code: string } }).error.code;

describe("wrong requests get their documented error", () => {
  test.each(wrongRequests)("$name: $status $code", async (wrong) => {
    const { address } = wrong.locked === true ? locked : open;
    const answer = await sendRaw(address, wrong);
    expect({ status: answer.status, code: codeOf(answer.body) }).toEqual({ status: wrong.status, code: wrong.code });
    expect(answer.headers["x-request-id"]).toMatch(/^req_/);
    expect(JSON.stringify(answer.body)).not.toContain(open.home);
  });

  test("and the service answers as before, without an engine having died", async () => {
    const health = await open.call("GET", "/api/health");
    expect(health.body).toMatchObject({ status: "ok", database: "ok" });
    const answer = await open.call("POST", "/v1/chat/completions", { messages: [{ role: "user", content: "Hi" }] });
    expect(answer.status).toBe(200);
    const servers = await open.call("GET", "/api/servers");
    expect((servers.body as { items: { state: string; restarts: number }[] }).items).toEqual([
      expect.objectContaining({ state: "ready", restarts: 0 }),
    ]);
  }, 120_000);
});
