/** What users run: the built bundles, each rendered once against the whole service. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { startFakeHub } from "../fakes/fake-hub/index.ts";
import type { FakeHub } from "../fakes/fake-hub/index.ts";
import { raycast } from "../fakes/raycast/record.ts";
import { catalog } from "../fixtures/hub-catalog.ts";
import { startTestService } from "../tools/compose-test.ts";
import type { TestService } from "../tools/compose-test.ts";
import { buildExtension } from "../tools/raycast-bundle.ts";
import type { BuiltExtension } from "../tools/raycast-bundle.ts";
import { openCommand, rowTitles } from "./open-command.tsx";

const SLOW = 180_000;

let built: BuiltExtension;
let hub: FakeHub;
let service: TestService;

beforeAll(async () => {
  hub = await startFakeHub({ repos: [...catalog(40)] });
  service = await startTestService({ environment: { HF_ENDPOINT: hub.url } });
  built = await buildExtension();
}, SLOW);

afterAll(async () => {
  await service?.close();
  await hub?.close();
  await built?.remove();
});

test("the bundle of Search Models lists the Hub's models", async () => {
  const component = await built.load("search-models");
  const screen = openCommand("search-models", { address: service.address, component });
  await screen.waitFor(() => rowTitles(screen, "mlx-community").length > 5, 10_000);
});

test("the bundle of Models lists the demo model", async () => {
  const component = await built.load("models");
  const screen = openCommand("models", { address: service.address, component });
  await screen.waitFor(() => rowTitles(screen, "Ready to Run").includes("demo"));
});

test("the bundle of Downloads lists a download", async () => {
  const model = "mlx-community/Not-There-4bit";
  await service.call("POST", "/api/downloads", { model });
  const component = await built.load("downloads");
  const screen = openCommand("downloads", { address: service.address, component });
  await screen.waitFor(() => rowTitles(screen).includes(model));
});

test("the bundle of Ask Local Model streams an answer", async () => {
  const component = await built.load("ask-local-model");
  const screen = openCommand("ask-local-model", { address: service.address, question: "Hello?", component });
  await screen.waitFor(() => screen.text().includes("Done"), 15_000);
  expect(screen.markdown()).toMatch(/^> Hello\?\n\n\S/);
  expect(raycast.toasts).toEqual([]);
});
