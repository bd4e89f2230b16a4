import { Worker } from "node:worker_threads";
import type { Clock } from "../../../platform/clock.ts";
import type { CardPlace } from "./card-links.ts";

/** The README as safe Markdown. @throws Error when it takes too long or cannot be read. */
export type RenderCard = (readme: string, place: CardPlace) => Promise<string>;

const deadlineMs = 5000;

/** @param file the worker's entry, `library/search/card/main` of the place. */
export function createCardRenderer(file: string, clock: Clock): RenderCard {
  return (readme, place) =>
    new Promise((resolve, reject) => {
      const worker = new Worker(file, {
        workerData: { readme, place },
        resourceLimits: { maxOldGenerationSizeMb: 96 },
        env: {},
      });
      const end = clock.after(deadlineMs, () => {
        reject(new Error("The model card took too long to read."));
        void worker.terminate();
      });
      worker.once("message", (text: string) => {
        resolve(text);
        void worker.terminate();
      });
      worker.once("error", reject);
      worker.once("exit", () => {
        end();
        reject(new Error("The model card could not be read."));
      });
    });
}
