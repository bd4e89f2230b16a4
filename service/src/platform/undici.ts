import { createRequire } from "node:module";
import type * as Undici from "undici";

const load = createRequire(import.meta.url);
let loaded: typeof Undici | null = null;

/**
 * undici, loaded with its first use: it takes a tenth of a second, and a service that starts asks nobody yet. The same
 * holds for the other packages that are imported where they are used.
 */
export const undici: typeof Undici = new Proxy({} as typeof Undici, {
  get(_, name) {
    loaded ??= load("undici") as typeof Undici;
    return loaded[name as keyof typeof Undici];
  },
});
