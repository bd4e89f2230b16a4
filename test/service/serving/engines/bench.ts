import path from "node:path";
import { afterEach, beforeAll, beforeEach } from "@jest/globals";
import { sharedUv } from "../../../tools/engine-environment.ts";
import { createProduct, engineWheels, openWorld, programs, pythonPath, temporary } from "./engine-world.ts";
import type { EngineWorld, Product, WorldOptions } from "./engine-world.ts";
import { startIndex } from "./package-index-server.ts";
import type { IndexServer } from "./package-index-server.ts";
import type { TinyWheel } from "./tiny-wheel.ts";

/** What each test of a file gets anew: an index with version 1.0.0 of the engine, a product that pins it, a place. */
export interface Bench {
  readonly folder: string;
  readonly index: IndexServer;
  readonly product: Product;
  readonly wheels: readonly TinyWheel[];
  /** Variables of a person who has uv and Python, and whose uv is told to use the index. */
  environment(extra?: Readonly<Record<string, string>>): Record<string, string>;
  /** Opens the service's slice; closed after the test. */
  open(options?: Partial<WorldOptions>): EngineWorld;
  /** A new release of the product, its packages on the index. */
  release(version: string): readonly TinyWheel[];
}

/** Sets the bench up for every test of the file. */
export function engineBench(): Bench {
  let folder = "";
  let index: IndexServer;
  let product: Product;
  let wheels: readonly TinyWheel[] = [];
  let uv = "";
  const cleanUp: (() => Promise<void> | void)[] = [];

  beforeAll(async () => {
    uv = await sharedUv();
  }, 300_000);
  beforeEach(async () => {
    const place = temporary();
    folder = place.folder;
    index = await startIndex();
    product = createProduct(path.join(folder, "product"));
    programs(path.join(folder, "bin"), { uv, python3: pythonPath() });
    cleanUp.push(place.remove, () => index.close());
    wheels = bench.release("1.0.0");
  });
  afterEach(async () => {
    // In reverse: services first, the folder last.
    for (const undo of cleanUp.splice(0).reverse()) await undo();
  });

  const bench: Bench = {
    get folder() {
      return folder;
    },
    get index() {
      return index;
    },
    get product() {
      return product;
    },
    get wheels() {
      return wheels;
    },
    environment: (extra = {}) => ({
      PATH: path.join(folder, "bin"),
      HOME: path.join(folder, "person"),
      TMPDIR: folder,
      PIP_CONFIG_FILE: "/dev/null",
      UV_CACHE_DIR: path.join(folder, "uv-cache"),
      UV_DEFAULT_INDEX: index.url(),
      UV_HTTP_RETRIES: "0",
      ...extra,
    }),
    open(options = {}) {
      const home = path.join(folder, "home");
      const world = openWorld({ home, product, environment: bench.environment(), ...options });
      let closing: Promise<void> | null = null;
      const close = () => (closing ??= world.close());
      cleanUp.push(close);
      return { ...world, close };
    },
    release(version) {
      const released = engineWheels(version);
      index.add(...released);
      product.pin(released);
      return released;
    },
  };
  return bench;
}
