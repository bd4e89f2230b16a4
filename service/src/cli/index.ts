export { createProgram } from "./program.ts";
export type { Program, ProgramOptions } from "./program.ts";
export { exitCodes } from "./exit-codes.ts";
export type { ServeRequest } from "./runtime.ts";
export type { Streams } from "./terminal.ts";
