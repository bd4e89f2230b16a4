/** Draws each command against a running service: `node test/tools/on-bench.mjs test/tools/view-pictures.tsx ADDRESS FOLDER`. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { LaunchType } from "@raycast/api";
import type { ReactElement } from "react";
import AskLocalModel from "../../raycast/src/ask-local-model.tsx";
import Downloads from "../../raycast/src/downloads.tsx";
import Models from "../../raycast/src/models.tsx";
import SearchModels from "../../raycast/src/search-models.tsx";
import { raycast } from "../fakes/raycast/record.ts";
import { drawPage, savePicture } from "./raycast-picture.ts";
import { render } from "./raycast-render.tsx";
import type { Screen } from "./raycast-render.tsx";

const [, , address = "", folder = ""] = process.argv;
await mkdir(folder, { recursive: true });
raycast.preferences = { serviceUrl: address };

/** Opens a command in one appearance, waits until it shows what it should, and saves it. */
async function draw(
  name: string,
  title: string,
  appearance: "light" | "dark",
  element: ReactElement,
  isReady: (screen: Screen) => unknown,
) {
  raycast.environment.appearance = appearance;
  raycast.environment.commandName = name;
  const screen = render(element);
  await screen.waitFor(() => isReady(screen), 60_000);
  await screen.settle();
  const icon = appearance === "dark" ? `${name}@dark.png` : `${name}.png`;
  await savePicture(drawPage(screen, { appearance, title, icon }), join(folder, `${name}.png`));
  screen.unmount();
}

const launch = (question: string) => ({ launchType: LaunchType.UserInitiated, arguments: { question } }) as const;
await draw("search-models", "Search Models", "light", <SearchModels />, (screen) => screen.rows().length > 8);
await draw("models", "Models", "dark", <Models />, (screen) => screen.rows().length > 2);
await draw("downloads", "Downloads", "light", <Downloads />, (screen) => screen.rows().length > 1);
const asked = launch("How do I download a model?");
await draw("ask-local-model", "Ask Local Model", "dark", <AskLocalModel {...asked} />, (screen) =>
  screen.text().includes("Done"),
);
