import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { createRequestMetrics } from "../../service/src/core/requests/metrics.ts";
import type { ApiKeyCreated } from "../../service/src/contract/keys.ts";
import { startTestService } from "../tools/compose-test.ts";
import type { TestService } from "../tools/compose-test.ts";
import { finishedRequest } from "./core/requests/finished-request.ts";

let service: TestService;
beforeAll(async () => void (service = await startTestService()), 60_000);
afterAll(() => service.close());

const none = {
  ...{ version: "1", servers: [], memory: { totalBytes: 3, limitBytes: 2, availableBytes: 1 }, processBytes: 4 },
};

/** Samples by name and labels; every line must be one that Prometheus reads. */
function parse(text: string): Map<string, number> {
  expect(text.endsWith("\n")).toBe(true);
  const lines = text.trimEnd().split("\n");
  const sample =
    /^([a-z_]+(?:\{[a-z]+="(?:[^"\\\n]|\\["\\n])*"(?:,[a-z]+="(?:[^"\\\n]|\\["\\n])*")*\})?) (\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/;
  return new Map(
    lines.flatMap((line) => {
      if (/^# (HELP [a-z_]+ .+|TYPE [a-z_]+ (counter|gauge|histogram))$/.test(line)) return [];
      const [, name = "", value = ""] = sample.exec(line) ?? [];
      expect([line, name]).toEqual([line, expect.stringMatching(/^mlx_manager_/)]);
      return [[name, Number(value)] as const];
    }),
  );
}

test("requests, tokens and first tokens are counted as they end", () => {
  const metrics = createRequestMetrics();
  for (const firstTokenMs of [20, 50, 400, 900_000]) metrics.count(finishedRequest({ id: "a", firstTokenMs }));
  metrics.count(finishedRequest({ id: "b", model: null, requestedModel: "x", status: 404, firstTokenMs: null }));
  const found = parse(metrics.text(none));
  expect(found.get('mlx_manager_requests_total{model="a/b",protocol="openai",status="200"}')).toBe(4);
  expect(found.get('mlx_manager_requests_total{model="none",protocol="openai",status="404"}')).toBe(1);
  expect(found.get('mlx_manager_tokens_total{model="a/b",kind="output"}')).toBe(28);
  const bucket = (le: string) => found.get(`mlx_manager_first_token_seconds_bucket{model="a/b",le="${le}"}`);
  expect(["0.05", "0.25", "0.5", "300", "+Inf"].map(bucket)).toEqual([2, 2, 3, 3, 4]);
  expect(found.get('mlx_manager_first_token_seconds_count{model="a/b"}')).toBe(4);
  expect(found.get('mlx_manager_first_token_seconds_sum{model="a/b"}')).toBeCloseTo(900.47);
});

test("what clients write is no label, a strange name cannot break a line, and the models are bounded", () => {
  const metrics = createRequestMetrics();
  metrics.count(finishedRequest({ id: "a", model: 'a"b\\c\nd', requestedModel: "evil", client: "evil" }));
  for (let number = 0; number < 1000; number += 1) {
    const change = { id: "a", model: `own/${number}`, requestedModel: `evil-${number}` };
    metrics.count(finishedRequest(change));
  }
  const text = metrics.text(none);
  const found = parse(text);
  expect(text).not.toContain("evil");
  expect([...found.keys()].filter((name) => name.startsWith("mlx_manager_requests_total"))).toHaveLength(201);
  expect(found.get('mlx_manager_requests_total{model="other",protocol="openai",status="200"}')).toBe(801);
});

test("/metrics tells of requests, servers and memory, and needs an admin key once there is one", async () => {
  const body = { model: "mlx-manager/demo", messages: [{ role: "user", content: "Hi" }] };
  expect((await service.call("POST", "/v1/chat/completions", body)).status).toBe(200);
  const response = await fetch(`${service.address}/metrics`);
  expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  const found = parse(await response.text());
  expect(found.get('mlx_manager_requests_total{model="mlx-manager/demo",protocol="openai",status="200"}')).toBe(1);
  expect(found.get('mlx_manager_servers{state="ready"}')).toBe(1);
  const labels = '{profile="mlx-manager/demo",model="mlx-manager/demo"}';
  expect(found.get(`mlx_manager_server_memory_bytes${labels}`)).toBe(100_000_000);
  expect(found.get(`mlx_manager_requests_waiting${labels}`)).toBe(0);
  expect(found.get('mlx_manager_machine_memory_bytes{kind="total"}')).toBeGreaterThan(0);
  expect(found.get('mlx_manager_build_info{version="0.0.0-test"}')).toBe(1);

  const create = async (name: string, scope: string, headers = {}): Promise<ApiKeyCreated> =>
    (await service.call("POST", "/api/keys", { name, scope }, headers)).body;
  const admin = await create("a", "admin");
  const bearer = { authorization: `Bearer ${admin.key}` };
  const inference = await create("b", "inference", bearer);
  const status = async (headers: Record<string, string>) =>
    (await fetch(`${service.address}/metrics`, { headers })).status;
  expect([await status({}), await status({ authorization: `Bearer ${inference.key}` }), await status(bearer)]).toEqual([
    ...[401, 403, 200],
  ]);
});
