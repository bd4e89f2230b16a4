import { readFileSync, rmSync, writeFileSync } from "node:fs";
import * as z from "zod";
import { systemCode } from "../../platform/errors.ts";
import { processStart, signalGroup } from "../../platform/process/identity.ts";

const Note = z.object({ pid: z.int().positive(), start: z.string() });

/**
 * A killed service cannot end the tool that it started: uv would go on writing into a folder that the next service
 * builds anew. So the tool at work is noted beside the folder, by what makes its process id certain.
 */
export function noteTool(folder: string, pid: number): void {
  const start = processStart(pid);
  if (start !== null) writeFileSync(notePath(folder), JSON.stringify({ pid, start }), { mode: 0o600 });
}

export function forgetTool(folder: string): void {
  rmSync(notePath(folder), { force: true });
}

/** Kills the group of the noted tool if it still runs; never a stranger that has its number by now. Hold the lock. */
export function endLeftTool(folder: string): void {
  const note = readNote(folder);
  if (note !== null && processStart(note.pid) === note.start) signalGroup(note.pid, "SIGKILL");
  forgetTool(folder);
}

function readNote(folder: string): z.infer<typeof Note> | null {
  try {
    return Note.parse(JSON.parse(readFileSync(notePath(folder), "utf8")));
  } catch (error) {
    // None, or cut off by the crash.
    if (systemCode(error) === "ENOENT" || error instanceof SyntaxError || error instanceof z.ZodError) return null;
    throw error;
  }
}

function notePath(folder: string): string {
  return `${folder}.tool`;
}
