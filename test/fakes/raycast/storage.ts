/** `Cache`, `LocalStorage` and `OAuth`: storage that outlives a command, kept in the record and gone with `resetRaycast()`. */
import type { Cache as RaycastCache } from "@raycast/api";
import { raycast } from "./record.ts";

/** Text by key, shared by all caches of one namespace, oldest entries dropped first beyond the capacity. */
export class Cache {
  static get STORAGE_DIRECTORY_NAME() {
    return "com.raycast.api.cache";
  }
  static get DEFAULT_CAPACITY() {
    return 10 * 1024 * 1024;
  }
  readonly #namespace: string;
  readonly #capacity: number;
  readonly #subscribers = new Set<RaycastCache.Subscriber>();

  constructor(options: RaycastCache.Options = {}) {
    this.#namespace = options.namespace ?? "";
    this.#capacity = options.capacity ?? Cache.DEFAULT_CAPACITY;
  }

  get storageDirectory() {
    return Cache.STORAGE_DIRECTORY_NAME;
  }

  get isEmpty() {
    return this.#entries.size === 0;
  }

  get(key: string) {
    const value = this.#entries.get(key);
    if (value !== undefined) {
      this.#entries.delete(key);
      this.#entries.set(key, value);
    }
    return value;
  }

  has(key: string) {
    return this.#entries.has(key);
  }

  set(key: string, data: string) {
    this.#entries.delete(key);
    this.#entries.set(key, data);
    let size = [...this.#entries.values()].reduce((total, value) => total + value.length, 0);
    for (const [oldest, value] of this.#entries) {
      if (size <= this.#capacity) break;
      this.#entries.delete(oldest);
      size -= value.length;
    }
    this.#notify(key, data);
  }

  remove(key: string) {
    const existed = this.#entries.delete(key);
    if (existed) this.#notify(key, undefined);
    return existed;
  }

  clear(options: { notifySubscribers?: boolean } = {}) {
    this.#entries.clear();
    if (options.notifySubscribers !== false) this.#notify(undefined, undefined);
  }

  // An arrow function: @raycast/utils hands `cache.subscribe` on without its object.
  subscribe = (subscriber: RaycastCache.Subscriber) => {
    this.#subscribers.add(subscriber);
    return () => {
      this.#subscribers.delete(subscriber);
    };
  };

  get #entries(): Map<string, string> {
    const entries = raycast.caches.get(this.#namespace) ?? new Map<string, string>();
    raycast.caches.set(this.#namespace, entries);
    return entries;
  }

  #notify(key: string | undefined, data: string | undefined) {
    for (const subscriber of this.#subscribers) subscriber(key, data);
  }
}

export const LocalStorage = {
  async allItems() {
    return Object.fromEntries(raycast.localStorage);
  },
  async getItem(key: string) {
    return raycast.localStorage.get(key);
  },
  async setItem(key: string, value: string | number | boolean) {
    raycast.localStorage.set(key, value);
  },
  async removeItem(key: string) {
    raycast.localStorage.delete(key);
  },
  async clear() {
    raycast.localStorage.clear();
  },
};

/** No browser here: tokens are kept, signing in is refused. */
class PKCEClient {
  readonly providerName: string;
  #tokens: unknown;

  constructor(options: { providerName: string }) {
    this.providerName = options.providerName;
  }

  async getTokens() {
    return this.#tokens;
  }
  async setTokens(tokens: unknown) {
    this.#tokens = tokens;
  }
  async removeTokens() {
    this.#tokens = undefined;
  }
  async authorizationRequest(): Promise<never> {
    throw new Error("Signing in needs Raycast");
  }
  async authorize(): Promise<never> {
    throw new Error("Signing in needs Raycast");
  }
}

export const OAuth = { PKCEClient, RedirectMethod: { Web: "web", App: "app", AppURI: "appURI" } };
