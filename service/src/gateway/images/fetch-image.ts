import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import type { Agent } from "undici";
import { AppError, isAppError } from "../../platform/errors.ts";
import { undici } from "../../platform/undici.ts";
import { tooLarge } from "./data-uri.ts";
import { isPublicAddress } from "./public-address.ts";

export interface ResolvedAddress {
  readonly address: string;
  readonly family: number;
}

/** How the outside is reached; tests put a network of their own in its place. */
export interface ImageNetwork {
  /** All addresses of a name. @throws when there is none. */
  resolve(name: string): Promise<readonly ResolvedAddress[]>;
  /** @param name what the address was found by. */
  isPublic(address: string, name: string): boolean;
}

export const publicInternet: ImageNetwork = {
  resolve: (name) => lookup(name, { all: true }),
  isPublic: (address) => isPublicAddress(address),
};

const mostRedirects = 3;
/** Nobody's login, cookies or cache are sent along. */
const headers = {
  accept: "image/png, image/jpeg, image/gif, image/webp",
  "accept-encoding": "identity",
  "user-agent": "mlx-manager",
};

/**
 * The bytes behind an address that a client wrote. Each hop is resolved once, all its addresses are checked, and the
 * connection goes to those very addresses: a name that points elsewhere a moment later changes nothing.
 * @throws AppError `invalid_request` or `unsupported`, which name the host alone: addresses may hold secrets.
 */
export async function fetchImage(
  address: string,
  { network, bytes, signal }: { network: ImageNetwork; bytes: number; signal: AbortSignal },
): Promise<Buffer> {
  let url = imageUrl(address);
  for (let hop = 0; hop <= mostRedirects; hop += 1) {
    const agent = await agentFor(url, network, signal);
    try {
      const answer = await undici.request(url, { dispatcher: agent, signal, headers });
      if (answer.statusCode >= 300 && answer.statusCode < 400) {
        answer.body.destroy();
        answer.body.on("error", () => undefined);
        url = redirected(url, answer.headers["location"]);
        continue;
      }
      if (answer.statusCode !== 200) {
        answer.body.on("error", () => undefined).destroy();
        throw refused(url, `answered ${answer.statusCode}. Check the address, or send the image as a data URI`);
      }
      return await readBody(answer.body, answer.headers["content-length"], bytes);
    } catch (error) {
      signal.throwIfAborted();
      if (isAppError(error)) throw error;
      throw refused(url, "could not be reached. Check the address, or send the image as a data URI", error);
    } finally {
      // Ends the connection too: nothing is kept open to strangers.
      await agent.destroy();
    }
  }
  throw refused(url, `sends on more than ${mostRedirects} times. Send the image as a data URI`);
}

/** @throws AppError `unsupported` for other schemes, `invalid_request` for what is no address, or holds a login. */
export function imageUrl(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:")) {
    const message =
      "An image must be a base64 data URI, or an http or https address; files are not read for a request.";
    throw new AppError("unsupported", message);
  }
  if (url.username !== "" || url.password !== "") {
    throw new AppError("invalid_request", "The address of an image holds a login. Send the image as a data URI.");
  }
  return url;
}

async function agentFor(url: URL, network: ImageNetwork, signal: AbortSignal): Promise<Agent> {
  const addresses = await addressesOf(url, network, signal);
  const [first] = addresses;
  // One that is not public among several is a trick, or a name of the own network.
  if (first === undefined || !addresses.every(({ address }) => network.isPublic(address, url.hostname))) {
    const message = `The image at ${url.hostname} is not on the public internet, and is not fetched. Send it as a data URI.`;
    throw new AppError("unsupported", message);
  }
  return new undici.Agent({
    pipelining: 0,
    maxResponseSize: -1,
    connect: {
      lookup(_name, options, callback) {
        if (options.all) callback(null, [...addresses]);
        else callback(null, first.address, first.family);
      },
    },
  });
}

async function addressesOf(url: URL, network: ImageNetwork, signal: AbortSignal): Promise<readonly ResolvedAddress[]> {
  // The URL has written every form of a number as an address by now; those are connected to without a lookup.
  const literal = url.hostname.replace(/^\[|\]$/g, "");
  const family = isIP(literal);
  if (family !== 0) return [{ address: literal, family }];
  try {
    return await untilAborted(network.resolve(literal), signal);
  } catch (error) {
    signal.throwIfAborted();
    throw refused(url, "has no address. Check it, or send the image as a data URI", error);
  }
}

function redirected(from: URL, location: string | string[] | undefined): URL {
  if (typeof location !== "string" || !URL.canParse(location, from.href)) throw refused(from, "sends on to nowhere");
  const to = imageUrl(new URL(location, from).href);
  if (from.protocol === "https:" && to.protocol === "http:") throw refused(from, "sends on to an address without TLS");
  return to;
}

async function readBody(
  body: AsyncIterable<Buffer>,
  length: string | string[] | undefined,
  limit: number,
): Promise<Buffer> {
  // Leaving the loop, or not entering it, ends the connection with the agent.
  if (Number(length ?? 0) > limit) throw tooLarge(limit);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > limit) throw tooLarge(limit);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

function untilAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    if (signal.aborted) return abort();
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

function refused(url: URL, what: string, cause?: unknown): AppError {
  return new AppError("invalid_request", `The host of an image, ${url.hostname}, ${what}.`, { cause });
}
