import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { EnvHttpProxyAgent, request } from "undici";
import type { Dispatcher } from "undici";
import * as z from "zod";
import { AppError } from "../../platform/errors.ts";
import type { PackageIndex } from "./package-index.ts";
import { readFromWheel } from "./wheel.ts";

const Wheel = z.object({ file: z.string(), sha256: z.string(), size: z.int() });
const Tooling = z.object({ uv: z.object({ version: z.string(), wheels: z.record(z.string(), Wheel) }) });

export interface FetchUvOptions {
  /** `service/engines`: holds tooling.json. */
  readonly enginesFolder: string;
  /** Where fetched tools are kept. */
  readonly toolingPath: string;
  readonly platform: string;
  readonly architecture: string;
  readonly index: PackageIndex;
  readonly signal: AbortSignal;
}

const defaultIndex = "https://pypi.org/simple";
const wheelLimitBytes = 64 * 1024 * 1024;

/** uv's own version of tooling.json, fetched once from the user's index and checked before a byte of it is run. */
export async function fetchUv(options: FetchUvOptions): Promise<string> {
  const tooling = Tooling.parse(JSON.parse(readFileSync(join(options.enginesFolder, "tooling.json"), "utf8")));
  const target = join(options.toolingPath, `uv-${tooling.uv.version}`, "uv");
  if (existsSync(target)) return target;
  const name = `${options.platform === "darwin" ? "macos" : options.platform}-${options.architecture === "x64" ? "x86_64" : options.platform === "darwin" ? "arm64" : "aarch64"}`;
  const wheel = tooling.uv.wheels[name];
  if (!wheel)
    throw new AppError(
      "unsupported",
      "There is no uv for this machine. Install uv or Python 3.11 or newer, then install again.",
    );
  const dispatcher = createDispatcher(options.index);
  try {
    const bytes = await fetchWheel(wheel.file, dispatcher, options);
    if (createHash("sha256").update(bytes).digest("hex") !== wheel.sha256) {
      throw new AppError(
        "checksum_mismatch",
        "The uv that the package index sent is not the one we pin. Check the index, then install again.",
      );
    }
    mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
    const temporary = `${target}.${process.pid}`;
    writeFileSync(temporary, readFromWheel(bytes, "/scripts/uv"));
    chmodSync(temporary, 0o755);
    renameSync(temporary, target);
    return target;
  } finally {
    await dispatcher.close();
  }
}

/** Finds the file on the index' page of the project (JSON or HTML, PEP 503 and 691) and loads it. */
async function fetchWheel(file: string, dispatcher: Dispatcher, { index, signal }: FetchUvOptions): Promise<Buffer> {
  const base = (index.url ?? defaultIndex).replace(/\/+$/, "");
  const page = new URL(`${base}/uv/`);
  const text = (await load(page, dispatcher, signal, "application/vnd.pypi.simple.v1+json, text/html;q=0.5")).toString(
    "utf8",
  );
  const link = text.trimStart().startsWith("{")
    ? (JSON.parse(text) as { files: { filename: string; url: string }[] }).files.find(
        ({ filename }) => filename === file,
      )?.url
    : new RegExp(`href="([^"]*/${file.replace(/[.+]/g, "\\$&")}(?:#[^"]*)?)"`)
        .exec(text)?.[1]
        ?.replaceAll("&amp;", "&");
  if (link === undefined) {
    throw new AppError(
      "engine_failed",
      "The package index does not have uv. Install uv or Python 3.11 or newer, then install again.",
    );
  }
  return load(new URL(link, page), dispatcher, signal, "*/*");
}

async function load(url: URL, dispatcher: Dispatcher, signal: AbortSignal, accept: string, hops = 5): Promise<Buffer> {
  const authorization =
    url.username === ""
      ? {}
      : {
          authorization: `Basic ${Buffer.from(`${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`).toString("base64")}`,
        };
  const plain = new URL(url);
  plain.username = "";
  plain.password = "";
  const { statusCode, headers, body } = await request(plain, {
    dispatcher,
    signal,
    headers: { accept, ...authorization },
  });
  if (statusCode >= 300 && statusCode < 400 && typeof headers["location"] === "string" && hops > 0) {
    await body.dump();
    return load(new URL(headers["location"], plain), dispatcher, signal, accept, hops - 1);
  }
  if (statusCode !== 200) {
    await body.dump();
    throw new AppError(
      "hub_unreachable",
      `The package index answered ${statusCode}. Check the index, then install again.`,
    );
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    if (size > wheelLimitBytes)
      throw new AppError("engine_failed", "The package index sent far more than a tool. Check the index.");
  }
  return Buffer.concat(chunks);
}

function createDispatcher({ proxy, certificate }: PackageIndex): Dispatcher {
  const connect = certificate === null || !existsSync(certificate) ? {} : { ca: readFileSync(certificate, "utf8") };
  return new EnvHttpProxyAgent({
    connect,
    requestTls: connect,
    ...(proxy === null ? {} : { httpsProxy: proxy, httpProxy: proxy }),
  });
}
