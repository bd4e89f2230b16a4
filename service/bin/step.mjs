import { InterruptedError } from "./setup-error.mjs";

/**
 * Shows a step while it runs and its time behind it: one line, written in two parts.
 * @template T
 * @param {(text: string) => void} write
 * @param {string} text what is being done, for instance "fetching Node 22.23.3"
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(write, text, work) {
  const startedAt = Date.now();
  write(`mlx-manager: ${text} ... `);
  try {
    const result = await work();
    write(`${((Date.now() - startedAt) / 1000).toFixed(1)} s\n`);
    return result;
  } catch (error) {
    write(error instanceof InterruptedError ? "interrupted\n" : "failed\n");
    throw error;
  }
}
