/** A service in the middle of an installation, to be killed: run as a process of its own. */
import { openWorld } from "./engine-world.ts";
import { existsSync } from "node:fs";

const home = process.env["DOOMED_HOME"] ?? "";
const enginesFolder = process.env["DOOMED_PRODUCT"] ?? "";
if (!existsSync(enginesFolder)) throw new Error("There is no product to install.");
const refuse = (): never => {
  throw new Error("The product is made by the test.");
};
const environment = Object.fromEntries(
  Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
);
const world = openWorld({ home, product: { enginesFolder, pin: refuse, pinUv: refuse }, environment });
await world.install();
