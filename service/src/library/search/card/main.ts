import { parentPort, workerData } from "node:worker_threads";
import type { CardPlace } from "./card-links.ts";
import { renderCard } from "./render-card.ts";

/** A card is foreign text of any shape: read in a thread of its own, it can neither hold up nor end the service. */
const { readme, place } = workerData as { readme: string; place: CardPlace };
parentPort?.postMessage(renderCard(readme, place));
