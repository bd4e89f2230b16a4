import { afterAll, beforeAll, expect, test } from "@jest/globals";
import OpenAI from "openai";
import { OpenAIModelList } from "../../../service/src/contract/openai.ts";
import { startGateway } from "./gateway-bench.ts";
import type { GatewayBench } from "./gateway-bench.ts";

let bench: GatewayBench;
beforeAll(async () => void (bench = await startGateway()));
afterAll(() => bench.close());

async function page(query: string): Promise<OpenAIModelList> {
  return OpenAIModelList.parse(await (await fetch(`${bench.url}/models${query}`)).json());
}

test("the official client lists the models and finds each by its name", async () => {
  const client = new OpenAI({ baseURL: bench.url, apiKey: "none", maxRetries: 0 });
  const ids: string[] = [];
  for await (const model of client.models.list()) ids.push(model.id);
  expect(ids).toEqual(["mlx-manager/demo", "coder"]);
  for (const id of ids) expect(await client.models.retrieve(id)).toMatchObject({ id, object: "model" });
  await expect(client.models.retrieve("nobody/nothing")).rejects.toMatchObject({
    status: 404,
    code: "model_not_found",
  });
});

test("the list has pages for those who ask for them", async () => {
  expect(await page("?limit=1000")).toMatchObject({ has_more: false, first_id: "mlx-manager/demo", last_id: "coder" });
  const first = await page("?limit=1");
  expect(first).toMatchObject({ has_more: true, last_id: "mlx-manager/demo", data: [{ id: "mlx-manager/demo" }] });
  expect(await page(`?limit=1&after=${first.last_id}`)).toMatchObject({ has_more: false, data: [{ id: "coder" }] });
  expect(await page("?after=coder")).toMatchObject({ data: [], first_id: null, last_id: null, has_more: false });
  for (const wrong of ["?limit=0", "?limit=many", "?after=nobody"])
    expect((await fetch(`${bench.url}/models${wrong}`)).status).toBe(400);
});
