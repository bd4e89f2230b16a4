import { afterEach, describe, expect, test } from "@jest/globals";
import { failure, startFakeService } from "../fakes/fake-service.ts";
import type { FakeService } from "../fakes/fake-service.ts";
import { fakeDownload } from "../fakes/fake-service-state.ts";
import { raycast, visibleToast } from "../fakes/raycast/record.ts";
import type { Screen } from "../tools/raycast-render.tsx";
import { openCommand, rowTitles } from "./open-command.tsx";

const A = "mlx-community/A-4bit";
const B = "mlx-community/B-4bit";
const C = "mlx-community/C-4bit";
const LATER = "2026-11-01T10:00:05.000Z";

let service: FakeService;
afterEach(async () => service?.close());

async function open(downloads = [fakeDownload(A)]): Promise<Screen> {
  service = await startFakeService({ downloads });
  const screen = openCommand("downloads", { address: service.address });
  await screen.waitFor(() => !screen.isLoading());
  return screen;
}

describe("Downloads", () => {
  test("stand in sections by what they need, the active ones with share, bytes, speed and time left", async () => {
    const error = { code: "disk_full", message: "The disk is full. Free 3 GB and retry." } as const;
    const screen = await open([
      fakeDownload(A),
      fakeDownload(B, { state: "failed", error }),
      fakeDownload(C, { state: "completed", finishedAt: LATER }),
    ]);
    expect(screen.rows().map(({ section, title }) => [section, title])).toEqual([
      ["Active", A],
      ["Failed", B],
      ["Finished", C],
    ]);
    expect(screen.rows()[0]?.accessories).toEqual(["25%", "1 GB of 4 GB", "12.4 MB/s", "4m 2s left"]);
    expect(screen.rows()[1]?.subtitle).toBe(error.message);
    expect(JSON.stringify(screen.rows()[0]?.props["icon"])).toContain("svg");
    expect([A, B, C].map((model) => screen.actions(model)[0]?.title)).toEqual(["Pause", "Retry", "Ask This Model"]);
  });

  test("Enter pauses and resumes; the row follows the answer, and an older event does not undo it", async () => {
    const screen = await open();
    const paused = fakeDownload(A, { state: "paused", pauseReason: "user", bytesPerSecond: null, updatedAt: LATER });
    service.on("POST /api/downloads/{id}/pause", () => ({ body: paused }));
    service.on("POST /api/downloads/{id}/resume", () => ({ body: fakeDownload(A) }));
    await screen.runAction("Pause", A);
    await screen.waitFor(() => screen.rows()[0]?.accessories[0] === "Paused");
    expect(screen.actions(A)[0]?.title).toBe("Resume");
    await screen.runAction("Resume", A);
    expect(service.requests.at(-1)?.path).toBe(`/api/downloads/${fakeDownload(A).id}/resume`);
    expect(screen.rows()[0]?.accessories[0]).toBe("Paused");
  });

  test("cancelling asks first, since what was fetched goes", async () => {
    const screen = await open();
    service.on("DELETE /api/downloads/{id}", () => ({
      body: fakeDownload(A, { state: "cancelled", updatedAt: LATER, finishedAt: LATER }),
    }));
    await screen.runAction("Cancel Download", A);
    expect(service.requests.some(({ method }) => method === "DELETE")).toBe(false);
    raycast.alertAnswers.push(true);
    await screen.runAction("Cancel Download", A);
    await screen.waitFor(() => rowTitles(screen, "Finished").length === 1);
    expect(screen.actions(A)[0]?.title).toBe("Download Again");
  });

  test("a failed one is retried, and its error can be copied", async () => {
    const error = { code: "checksum_mismatch", message: "A file differs." } as const;
    const screen = await open([fakeDownload(B, { state: "failed", error })]);
    await screen.runAction("Copy Error", B);
    expect(raycast.clipboard).toEqual([`${B}\nchecksum_mismatch: A file differs.`]);
    service.on("POST /api/downloads/{id}/retry", () => failure(409, "conflict", "Another one is active."));
    await screen.runAction("Retry", B);
    expect((await screen.waitFor(() => visibleToast())).message).toBe("Another one is active.");
  });

  test("without any, the next step is the search", async () => {
    const screen = await open([]);
    expect(screen.emptyView()?.title).toBe("No Downloads");
    await screen.runAction("Search Models");
    expect(raycast.launches.map(({ name }) => name)).toEqual(["search-models"]);
  });

  test("a command that the user switched off is said to be so", async () => {
    const screen = await open([]);
    raycast.disabledCommands.add("search-models");
    await screen.runAction("Search Models");
    expect(visibleToast()?.title).toBe("Command Not Opened");
  });

  test("a snapshot after a break replaces everything that was known", async () => {
    const screen = await open([fakeDownload(A), fakeDownload(B)]);
    service.state.downloads = [fakeDownload(C)];
    service.dropFollowers();
    await screen.waitFor(() => rowTitles(screen).join() === C);
  });

  test("SERVER-03: twenty updates move neither the selection nor the rows", async () => {
    const screen = await open([fakeDownload(A), fakeDownload(B), fakeDownload(C)]);
    await screen.select(`download:${fakeDownload(B).id}`);
    const before = { position: screen.position(), titles: rowTitles(screen) };
    for (let update = 1; update <= 20; update += 1) {
      const model = [A, B, C][update % 3]!;
      service.publish("download.progress", fakeDownload(model, { bytesDone: update * 100_000_000 }));
      const shown = update * 100 >= 1000 ? `${update / 10} GB of 4 GB` : `${update * 100} MB of 4 GB`;
      await screen.waitFor(() => screen.rows().some(({ accessories }) => accessories.includes(shown)));
      expect(screen.position()).toEqual(before.position);
      expect(rowTitles(screen)).toEqual(before.titles);
    }
  });

  test("a priority is set from a menu, and marked on the row", async () => {
    service = await startFakeService({ downloads: [fakeDownload("mlx-community/A-4bit")] });
    service.on("PATCH /api/downloads/{id}", ({ body }) => ({
      body: fakeDownload("mlx-community/A-4bit", { ...(body as object), updatedAt: "2026-11-01T10:00:01.000Z" }),
    }));
    const screen = openCommand("downloads", { address: service.address });
    await screen.waitFor(() => screen.rows().length === 1);
    await screen.runAction("Before Others");
    await screen.waitFor(() => screen.rows()[0]?.accessories.includes("Priority"));
    expect(service.requests.at(-1)?.body).toEqual({ priority: "high" });
  });

  test("the check of a whole download moves on by what is verified", async () => {
    const download = fakeDownload("mlx-community/A-4bit", {
      ...{ state: "verifying", bytesDone: 4_000_000_000, bytesVerified: 3_000_000_000, connections: 0 },
    });
    service = await startFakeService({ downloads: [download] });
    const screen = openCommand("downloads", { address: service.address });
    await screen.waitFor(() => screen.rows()[0]?.accessories.includes("75%"));
    expect(screen.rows()[0]?.accessories).toContain("Verifying");
  });
});
