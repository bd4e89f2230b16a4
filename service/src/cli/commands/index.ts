import type { Command } from "commander";
import type { Runtime } from "../runtime.ts";
import { addAliases } from "./aliases.ts";
import { addClean } from "./clean.ts";
import { addConfig } from "./config.ts";
import { addConvert } from "./convert.ts";
import { addDoctor } from "./doctor.ts";
import { addDu } from "./du.ts";
import { addEngines } from "./engines.ts";
import { addImport } from "./import.ts";
import { addKeys } from "./keys.ts";
import { addLogs } from "./logs.ts";
import { addLs } from "./ls.ts";
import { addProbe } from "./probe.ts";
import { addProfiles } from "./profiles.ts";
import { addPs } from "./ps.ts";
import { addPull } from "./pull.ts";
import { addRequests } from "./requests.ts";
import { addRm } from "./rm.ts";
import { addRouting } from "./routing.ts";
import { addRun } from "./run.ts";
import { addSearch } from "./search.ts";
import { addServe } from "./serve.ts";
import { addShow } from "./show.ts";
import { addStart } from "./start.ts";
import { addStop } from "./stop.ts";
import { addToken } from "./token.ts";
import { addVerify } from "./verify.ts";

/** Every verb, in the order of the help. */
export function addVerbs(program: Command, runtime: Runtime): void {
  for (const add of verbs) add(program, runtime);
}

const verbs = [
  ...[addServe, addSearch, addShow, addPull, addLs, addRun, addPs, addStart, addStop, addRm, addLogs, addRequests],
  ...[addProbe, addConvert, addVerify, addImport, addDu, addClean],
  ...[addProfiles, addAliases, addRouting, addEngines, addConfig, addKeys, addToken, addDoctor],
];
