import { parentPort } from "node:worker_threads";
import type { CountAnswer, CountJob } from "./job.ts";
import { stampOf } from "./model-files.ts";
import { createPromptCounter } from "./prompt-counter.ts";
import type { PromptCounter } from "./prompt-counter.ts";

/**
 * Counts prompts aside from the main thread: templates are foreign programs, vocabularies many megabytes. What goes
 * wrong is the answer; the thread goes on.
 */
const kept = new Map<string, { readonly stamp: string; readonly counter: PromptCounter }>();
/** A vocabulary of 150,000 tokens takes some 100 MB. */
const mostKept = 2;

function counterOf(folder: string): PromptCounter {
  const stamp = stampOf(folder);
  const known = kept.get(folder);
  kept.delete(folder);
  // Freed before the next is read: both at once may be more than the thread is given.
  if (known?.stamp !== stamp && kept.size >= mostKept) kept.delete([...kept.keys()][0] ?? "");
  const counter = known?.stamp === stamp ? known.counter : createPromptCounter(folder);
  // Last in the map: the one used least lately goes first.
  kept.set(folder, { stamp, counter });
  return counter;
}

function answerOf(job: CountJob): CountAnswer {
  const { number } = job;
  try {
    const counter = counterOf(job.folder);
    return { number, tokens: job.text === null ? counter.count(job) : counter.countText(job.text) };
  } catch (error) {
    return { number, failure: error instanceof Error ? error.message : String(error) };
  }
}

parentPort?.on("message", (job: CountJob) => parentPort?.postMessage(answerOf(job)));
