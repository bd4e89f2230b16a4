import { ModelId } from "../../contract/common.ts";

/** What an address below `/hub` asks for. */
export type HubTarget =
  | { readonly kind: "info"; readonly id: string; readonly revision: string }
  | { readonly kind: "tree"; readonly id: string; readonly revision: string; readonly path: string }
  | { readonly kind: "paths"; readonly id: string; readonly revision: string }
  | { readonly kind: "refs"; readonly id: string }
  | { readonly kind: "file"; readonly id: string; readonly revision: string; readonly path: string };

/**
 * Reads the segments after `/hub/api/models/`. Ids have two segments, or one on the Hub's oldest models; the word
 * after them decides which. Null for what no client of the Hub asks.
 * @param segments decoded; one of them may hold slashes, as in `refs%2Fpr%2F1`.
 */
export function readModelPath(segments: readonly string[]): HubTarget | null {
  for (const length of [2, 1]) {
    const id = idOf(segments.slice(0, length));
    const [word, ...rest] = segments.slice(length);
    if (id === null || segments.length < length) continue;
    // `gpt2/refs` is a question about the refs of `gpt2`: nobody owns that name.
    if (word === undefined && segments[1] !== "refs") return { kind: "info", id, revision: "main" };
    const { revision, path } = splitRevision(rest);
    if (word === "refs" && rest.length === 0) return { kind: "refs", id };
    if (revision === "") continue;
    if (word === "tree") return { kind: "tree", id, revision, path };
    if (word === "revision" && path === "") return { kind: "info", id, revision };
    if (word === "paths-info" && path === "") return { kind: "paths", id, revision };
  }
  return null;
}

/** Reads the segments after `/hub/`: `owner/name/resolve/{revision}/{path}`. */
export function readFilePath(segments: readonly string[]): HubTarget | null {
  for (const length of [2, 1]) {
    const id = idOf(segments.slice(0, length));
    if (id === null || segments[length] !== "resolve") continue;
    const { revision, path } = splitRevision(segments.slice(length + 1));
    if (revision !== "" && path !== "") return { kind: "file", id, revision, path };
  }
  return null;
}

/** The Hub's name of a model of ours: `_/gpt2` is `gpt2` there. */
export function repositoryOf(id: string): string {
  return id.startsWith("_/") ? id.slice(2) : id;
}

function idOf(segments: readonly string[]): string | null {
  const id = segments.length === 1 ? `_/${segments[0] ?? ""}` : segments.join("/");
  return ModelId.safeParse(id).success ? id : null;
}

/** A revision is one segment, or written out as `refs/pr/1`, which some clients send. */
function splitRevision(segments: readonly string[]): { revision: string; path: string } {
  const count = segments[0] === "refs" && segments.length >= 3 ? 3 : 1;
  return {
    revision: segments.slice(0, count).join("/"),
    path: segments.slice(count).join("/").replace(/\/$/, ""),
  };
}
