import { afterEach, describe, expect, test } from "@jest/globals";
import { failure, startFakeService } from "../fakes/fake-service.ts";
import type { FakeService } from "../fakes/fake-service.ts";
import type { FakeState } from "../fakes/fake-service-state.ts";
import { fakeDownload, fakeFit, fakeHubDetail, fakeHubModel, fakeModel } from "../fakes/fake-service-state.ts";
import { raycast, visibleToast } from "../fakes/raycast/record.ts";
import type { Screen } from "../tools/raycast-render.tsx";
import { openCommand, rowTitles } from "./open-command.tsx";

const QWEN = "mlx-community/Qwen3-4B-4bit";
const LLAMA = "mlx-community/Llama-3.2-1B-4bit";

let service: FakeService;
afterEach(async () => service?.close());

async function open(state: Partial<FakeState> = {}): Promise<Screen> {
  service = await startFakeService({ hubModels: [fakeHubModel(QWEN), fakeHubModel(LLAMA)], ...state });
  service.on("POST /api/downloads", ({ body }) => {
    const download = fakeDownload((body as { model: string }).model, { state: "queued" });
    return { status: 201, body: download };
  });
  service.on("GET /api/hub/models/{owner}/{name}", () => failure(502, "hub_unreachable", "The Hub is not reached."));
  return openCommand("search-models", { address: service.address });
}

describe("Search Models", () => {
  test("MODELS-01: what is searched for and the order stay in the search bar, the results are the list below", async () => {
    const screen = await open();
    await screen.waitFor(() => rowTitles(screen).length === 2);
    await screen.search("qwen");
    await screen.waitFor(() => service.requests.some(({ query }) => query["query"] === "qwen"));
    await screen.choose("likes");
    await screen.waitFor(() => service.requests.some(({ query }) => query["sort"] === "likes"));
    expect(screen.searchText()).toBe("qwen");
    expect(screen.tree().props["filtering"]).toBe(false);
  });

  test("MODELS-02: a started download takes its result from the list and stands on top with its progress", async () => {
    const screen = await open();
    await screen.waitFor(() => rowTitles(screen).length === 2);
    expect(screen.actions("Qwen3-4B-4bit")[0]?.title).toBe("Download");
    await screen.runAction("Download", "Qwen3-4B-4bit");
    await screen.waitFor(() => screen.rows()[0]?.section === "Downloading");
    expect(screen.rows().map(({ title, section }) => [section, title])).toEqual([
      ["Downloading", "Qwen3-4B-4bit"],
      ["mlx-community", "Llama-3.2-1B-4bit"],
    ]);
    service.publish("download.progress", fakeDownload(QWEN, { updatedAt: "2026-11-01T10:00:01.000Z" }));
    await screen.waitFor(() => screen.rows()[0]?.accessories.includes("25%"));
  });

  test("MODELS-03: results never show progress, whatever happens to other models", async () => {
    const screen = await open({ downloads: [fakeDownload("mlx-community/Other-8bit")] });
    await screen.waitFor(() => rowTitles(screen).length === 3);
    for (const row of screen.rows().filter(({ section }) => section !== "Downloading")) {
      expect(row.accessories.join(" ")).not.toMatch(/%|\/s| left/);
    }
  });

  test("a finished download goes back to the results, marked as here", async () => {
    const screen = await open({ downloads: [fakeDownload(QWEN)] });
    await screen.waitFor(() => rowTitles(screen, "Downloading").length === 1);
    service.state.models.push(fakeModel(QWEN));
    service.publish("model.changed", { id: QWEN });
    service.publish("download.changed", fakeDownload(QWEN, { state: "completed" }));
    await screen.waitFor(() => screen.rows().some((row) => row.accessories.includes("Downloaded")));
    expect(rowTitles(screen, "Downloading")).toEqual([]);
    expect(screen.actions("Qwen3-4B-4bit")[0]?.title).toBe("Ask This Model");
  });

  test("a download that fails while one looks stays on top with its reason and Retry", async () => {
    const screen = await open({ downloads: [fakeDownload(QWEN)] });
    await screen.waitFor(() => rowTitles(screen, "Downloading").length === 1);
    const error = { code: "checksum_mismatch", message: "A file differs. Retry fetches it again." } as const;
    service.publish("download.changed", fakeDownload(QWEN, { state: "failed", error }));
    await screen.waitFor(() => screen.rows()[0]?.accessories.includes("Failed"));
    expect(screen.actions("Qwen3-4B-4bit")[0]?.title).toBe("Retry");
  });

  test("a refused download is a toast that can be copied, and the result stays", async () => {
    const screen = await open();
    await screen.waitFor(() => rowTitles(screen).length === 2);
    service.on("POST /api/downloads", () => failure(403, "gated_not_accepted", "Accept the license first."));
    await screen.runAction("Download", "Qwen3-4B-4bit");
    const toast = await screen.waitFor(() => visibleToast());
    expect([toast.title, toast.message]).toEqual(["Download Not Started", "Accept the license first."]);
    expect([toast.primaryAction?.title, toast.secondaryAction?.title]).toEqual(["Open License", "Copy Error"]);
    expect(rowTitles(screen)).toHaveLength(2);
  });

  test("all authors are searched by an action, and the default comes back by another", async () => {
    const screen = await open();
    await screen.waitFor(() => rowTitles(screen).length === 2);
    await screen.runAction("Search All Authors");
    await screen.waitFor(() => service.requests.some(({ query }) => query["author"] === ""));
    await screen.waitFor(() => screen.rows()[0]?.section === "All Authors");
    await screen.runAction("Search Only mlx-community");
    await screen.waitFor(() => screen.rows()[0]?.section === "mlx-community");
  });

  test("further pages are asked for by their cursor, and a model on two pages is one row", async () => {
    const screen = await open();
    await screen.waitFor(() => rowTitles(screen).length === 2);
    service.on("GET /api/hub/models", ({ query }) => {
      const second = query["cursor"] === "2";
      const items = second ? [fakeHubModel(QWEN), fakeHubModel("mlx-community/Phi-4bit")] : [fakeHubModel(QWEN)];
      return { body: { items, nextCursor: second ? null : "2", source: "hub", stale: false, problem: null } };
    });
    await screen.search("paged");
    await screen.waitFor(() => rowTitles(screen).join() === "Qwen3-4B-4bit");
    await screen.loadMore();
    await screen.waitFor(() => rowTitles(screen).join() === "Qwen3-4B-4bit,Phi-4bit");
  });

  test("offline answers say so above the results", async () => {
    service = await startFakeService();
    service.on("GET /api/hub/models", () => ({
      body: {
        ...{ items: [fakeHubModel(QWEN, { here: true })], nextCursor: null },
        ...{ source: "local", stale: false, problem: null },
      },
    }));
    const screen = openCommand("search-models", { address: service.address });
    await screen.waitFor(() => screen.text().includes("Offline: only what is known on this Mac"));
  });

  test("nothing found and a failed search are told apart", async () => {
    const screen = await open({ hubModels: [] });
    await screen.waitFor(() => screen.emptyView()?.title === "No Models by mlx-community");
    service.on("GET /api/hub/models", () => failure(502, "hub_unreachable", "Hugging Face is not reached."));
    await screen.search("x");
    await screen.waitFor(() => screen.emptyView()?.title === "Search Failed");
    expect(visibleToast()?.message).toBe("Hugging Face is not reached.");
    expect(raycast.toasts).toHaveLength(1);
  });

  test("the pane shows what decides: size, fit, quantization, context, and the license of a gated model", async () => {
    const gated = fakeHubModel(QWEN, { gated: "manual", fit: fakeFit({ verdict: "too-large", fits: false }) });
    const screen = await open({ hubModels: [gated] });
    await screen.waitFor(() => rowTitles(screen).length === 1);
    await screen.select("Qwen3-4B-4bit");
    await screen.waitFor(() => screen.text().includes("The Hub is not reached."));
    for (const fact of ["Too Large", "2 GB", "4-bit", "32K", "12.3K", "Accept the license on Hugging Face"]) {
      expect(screen.text()).toContain(fact);
    }
    expect(screen.actions().map(({ title }) => title)).toContain("Open License");
  });

  test("filters are sent to the service, said above the results, kept, and cleared by one action", async () => {
    const screen = await open();
    await screen.waitFor(() => rowTitles(screen).length === 2);
    await screen.runAction("Show Only What Fits");
    await screen.waitFor(() => service.requests.some(({ query }) => query["fits"] === "true"));
    await screen.runAction("4-bit");
    await screen.waitFor(() => service.requests.some(({ query }) => query["bits"] === "4"));
    await screen.waitFor(() => screen.rows()[0]?.section === "mlx-community · Fits This Mac · 4-bit");
    await screen.runAction("Clear Filters");
    await screen.waitFor(() => screen.rows()[0]?.section === "mlx-community");
    expect(service.requests.at(-1)?.query["bits"]).toBeUndefined();
  });

  test("a result takes its exact size when the service has found it out, and keeps its place", async () => {
    const rough = fakeHubModel(QWEN, { detailed: false, sizeIsEstimate: true });
    const screen = await open({ hubModels: [rough, fakeHubModel(LLAMA)] });
    await screen.waitFor(() => screen.rows()[0]?.accessories.includes("~2 GB"));
    await screen.waitFor(() => service.followers > 0);
    service.publish("hub-model.changed", fakeHubModel(QWEN, { sizeBytes: 2_270_000_000 }));
    await screen.waitFor(() => screen.rows()[0]?.accessories.includes("2.3 GB"));
    expect(rowTitles(screen)).toEqual(["Qwen3-4B-4bit", "Llama-3.2-1B-4bit"]);
  });

  test("an earlier answer is told from the Hub's own", async () => {
    service = await startFakeService();
    const problem = { code: "hub_unreachable", message: "Hugging Face is not reached." };
    service.on("GET /api/hub/models", () => ({
      body: { items: [fakeHubModel(QWEN)], nextCursor: null, source: "cache", stale: true, problem },
    }));
    const screen = openCommand("search-models", { address: service.address });
    await screen.waitFor(() => screen.text().includes("Earlier answer: Hugging Face is not reached."));
  });

  test("a model's page shows its card, the memory at each context and its files", async () => {
    const screen = await open();
    await screen.waitFor(() => rowTitles(screen).length === 2);
    service.on("GET /api/hub/models/{owner}/{name}", () => ({ body: fakeHubDetail(QWEN) }));
    await screen.runAction("Show Model Page", "Qwen3-4B-4bit");
    await screen.waitFor(() => screen.markdown().includes("# Qwen3"));
    expect(screen.markdown()).toContain("| 32K | 2.8 GB | 0.5 GB | Fits Easily |".replace("0.5 GB", "477 MB"));
    expect(screen.markdown()).toContain("| `model.safetensors` | 2 GB |  |");
    expect(screen.text()).toContain("4-bit, 4.5 effective");
    expect(screen.actions().map(({ title }) => title)).toContain("Download");
  });

  test("siblings are compared, with the best that fits marked", async () => {
    const screen = await open();
    await screen.waitFor(() => rowTitles(screen).length === 2);
    service.on("GET /api/hub/models/{owner}/{name}/siblings", () => ({
      body: {
        base: "Qwen/Qwen3-4B",
        items: [
          { ...fakeHubModel(QWEN.replace("4bit", "8bit")), recommended: true },
          { ...fakeHubModel(QWEN), recommended: false },
        ],
        ...{ source: "hub", stale: false, problem: null },
      },
    }));
    await screen.runAction("Compare Quantizations", "Qwen3-4B-4bit");
    await screen.waitFor(() => screen.rows()[0]?.section === "Qwen/Qwen3-4B");
    expect(screen.rows()[0]?.accessories[0]).toBe("Best That Fits");
    expect(screen.actions(QWEN).map(({ title }) => title)).toContain("Download");
  });
});
