import { afterEach, describe, expect, test } from "@jest/globals";
import { failure, startFakeService } from "../fakes/fake-service.ts";
import type { FakeService } from "../fakes/fake-service.ts";
import type { FakeState } from "../fakes/fake-service-state.ts";
import { fakeDownload, fakeHubModel, fakeModel } from "../fakes/fake-service-state.ts";
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
      body: { items: [fakeHubModel(QWEN, { here: true })], nextCursor: null, source: "local" },
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
    const gated = fakeHubModel(QWEN, { gated: "manual", fit: { ...fakeHubModel(QWEN).fit, fits: false } });
    const screen = await open({ hubModels: [gated] });
    await screen.waitFor(() => rowTitles(screen).length === 1);
    await screen.select("Qwen3-4B-4bit");
    await screen.waitFor(() => screen.text().includes("The Hub is not reached."));
    for (const fact of ["May Not Fit", "2 GB", "4-bit", "32K", "12.3K", "Accept the license on Hugging Face"]) {
      expect(screen.text()).toContain(fact);
    }
    expect(screen.actions().map(({ title }) => title)).toContain("Open License");
  });
});
