import { whoAmI } from "./account.ts";
import { refuse } from "./exchange.ts";
import type { Exchange } from "./exchange.ts";
import { listTree, pathsInfo } from "./file-tree.ts";
import { listCommits, listRefs, modelInfo } from "./model-info.ts";
import { listModels } from "./model-list.ts";
import { checkAccess, resolveFile, sendCachedFile, sendRawFile } from "./resolve.ts";

type Route = (exchange: Exchange, id: string, rest: string[]) => void | Promise<void>;

/** What may follow a repository id below `/api/models/`, and with which method. */
const modelRoutes: Record<string, { method: string; needsRest: boolean; route: Route }> = {
  revision: { method: "GET", needsRest: true, route: modelInfo },
  tree: { method: "GET", needsRest: true, route: listTree },
  "paths-info": { method: "POST", needsRest: true, route: pathsInfo },
  refs: { method: "GET", needsRest: false, route: listRefs },
  commits: { method: "GET", needsRest: true, route: listCommits },
  "auth-check": { method: "GET", needsRest: false, route: checkAccess },
};

export interface Target {
  id: string;
  /** File named by the address, where it names one. */
  file?: string;
  run: (exchange: Exchange) => void | Promise<void>;
}

/**
 * Find the route of a Hub path before anything runs, so that faults can aim at repository and file.
 * Ids have one or two segments; the word after them decides which.
 */
export function routeOf(method: string, segments: string[]): Target {
  const [first, second, ...rest] = segments;
  if (first === "api" && second === "models") return modelTarget(method, rest);
  if (first === "api" && second === "resolve-cache" && rest[0] === "models") {
    const owned = /^[0-9a-f]{40}$/.test(rest[2] ?? "") ? 1 : 2;
    return fileTarget(rest.slice(1, 1 + owned), rest.slice(1 + owned), sendCachedFile);
  }
  if (first === "api" && second === "whoami-v2") return { id: "", run: whoAmI };
  const word = [1, 2].find((index) => segments[index] === "resolve" || segments[index] === "raw");
  if (word !== undefined && first !== "api" && segments.length >= word + 3) {
    const route = segments[word] === "raw" ? sendRawFile : resolveFile;
    return fileTarget(segments.slice(0, word), segments.slice(word + 1), route);
  }
  return notFound;
}

const notFound: Target = {
  id: "",
  run: (exchange) => refuse(exchange, 404, undefined, "Sorry, we can't find the page you are looking for."),
};

function modelTarget(method: string, segments: string[]): Target {
  if (segments.length === 0 || segments[0] === "") return { id: "", run: listModels };
  for (const length of [1, 2]) {
    const word = modelRoutes[segments[length] ?? ""];
    if (!word) continue;
    const rest = segments.slice(length + 1);
    if (word.needsRest !== rest.length > 0) continue;
    const id = idOf(segments.slice(0, length));
    if (word.method !== method)
      return { id, run: (exchange) => refuse(exchange, 405, undefined, "Method not allowed") };
    return { id, run: (exchange) => word.route(exchange, id, rest) };
  }
  if (segments.length > 2) return notFound;
  const id = idOf(segments);
  return { id, run: (exchange) => modelInfo(exchange, id, []) };
}

function fileTarget(idSegments: string[], rest: string[], route: Route): Target {
  const id = idOf(idSegments);
  const skipped = rest[0] === "refs" && rest.length > 3 ? 3 : 1;
  const file = rest.slice(skipped).map(decodeURIComponent).join("/");
  return { id, file, run: (exchange) => route(exchange, id, rest) };
}

function idOf(segments: string[]): string {
  return segments.map((segment) => decodeURIComponent(segment)).join("/");
}
