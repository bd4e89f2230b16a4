import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Server } from "../../service/src/contract/servers.ts";
import { wrongRequests } from "../fixtures/wrong-requests.ts";
import { sendRaw } from "../tools/send-raw.ts";
import { startRealService } from "./real-service.ts";
import type { RealService } from "./real-service.ts";

let service: RealService;
beforeAll(async () => {
  service = await startRealService();
}, 600_000);
afterAll(() => service.close());

const hello = { model: "mlx-manager/demo", temperature: 0, messages: [{ role: "user", content: "Thank you" }] };
const ask = () =>
  service.api().send<{ choices: { message: { content: string } }[] }>("POST", "/v1/chat/completions", hello);

describe("the real engine outlives every wrong request", () => {
  test("each is refused as documented; the same process answers afterwards", async () => {
    await ask();
    const [before] = (await service.api().get<{ items: Server[] }>("/api/servers?running=true")).items;
    for (const wrong of wrongRequests.filter(({ locked }) => locked !== true)) {
      const { status, body } = await sendRaw(service.address(), wrong);
      const code = (body as { error: { code: string } }).error.code;
      expect({ name: wrong.name, status, code }).toEqual({ name: wrong.name, status: wrong.status, code: wrong.code });
    }
    // What would kill this engine if it were let through: it is rewritten, and answered.
    const rewritten = { ...hello, top_k: 99_999, stop: ["never"], seed: 0, logit_bias: { "5": -1 } };
    await service.api().send("POST", "/v1/chat/completions", rewritten);
    expect((await ask()).choices[0]?.message.content).toBe("You are welcome!");
    const [after] = (await service.api().get<{ items: Server[] }>("/api/servers?running=true")).items;
    expect({ pid: after?.pid, restarts: after?.restarts, state: after?.state }).toEqual({
      pid: before?.pid,
      restarts: 0,
      state: "ready",
    });
  }, 120_000);
});
