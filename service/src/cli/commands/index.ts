import type { Command } from "commander";
import type { Runtime } from "../runtime.ts";
import { addLs } from "./ls.ts";
import { addPs } from "./ps.ts";
import { addPull } from "./pull.ts";
import { addRun } from "./run.ts";
import { addServe } from "./serve.ts";

/** Every verb, in the order of the help. */
export function addVerbs(program: Command, runtime: Runtime): void {
  addServe(program, runtime);
  addPull(program, runtime);
  addLs(program, runtime);
  addPs(program, runtime);
  addRun(program, runtime);
}
