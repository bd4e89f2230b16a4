import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { findOrFetchNode, tryNode } from "../../service/bin/find-node.mjs";
import { nodePackages } from "../../service/bin/node-packages.mjs";
import { nodePlaces } from "../../service/bin/node-places.mjs";
import { isFit, parseVersion } from "../../service/bin/node-version.mjs";
import { npmEnvironment } from "../../service/bin/npm-program.mjs";
import { type FakeRegistry, startFakeRegistry } from "./fake-registry.ts";

let home: string;
let registry: FakeRegistry | undefined;
let shown: string;

beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), "find node ")));
  shown = "";
});

afterEach(async () => {
  await registry?.close();
  registry = undefined;
  rmSync(home, { recursive: true, force: true });
});

/** A stand-in that answers every call like a Node of one version. */
function plantNode(path: string, version: string, extra = ""): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, nodeScript(version, extra), { mode: 0o755 });
  return path;
}

function nodeScript(version: string, extra = "") {
  return `#!/bin/sh\n${extra}\ncase "$1" in --version) echo v${version} ;; -p) echo "$0" ;; esac\n`;
}

/** This test's Node plays an old one: it can still run npm. */
const oldNode = { path: process.execPath, version: "v20.20.2" };

function options(more: object = {}) {
  return {
    env: {
      PATH: process.env.PATH,
      npm_execpath: process.env.npm_execpath,
      HOME: home,
      npm_config_registry: registry?.url,
    },
    home,
    platform: "linux",
    running: oldNode,
    nodePackage: registry?.pins[0],
    places: () => [],
    write: (text: string) => (shown += text),
    ...more,
  };
}

const cache = () => join(home, ".cache", "mlx-manager", "node");

describe("search", () => {
  test("the running Node is taken when it fits, and nothing is shown", async () => {
    const found = await findOrFetchNode(options({ running: { path: process.execPath, version: "v22.22.2" } }));
    expect(found).toEqual({ path: process.execPath, version: "22.22.2", flags: [], isRunning: true });
    expect(shown).toBe("");
  });

  test("a Node of a wrong version, a broken link and a program that is no Node are passed over", async () => {
    const folders = ["old", "broken", "other", "good"].map((name) => join(home, name));
    plantNode(join(folders[0]!, "node"), "22.22.1");
    mkdirSync(folders[1]!);
    symlinkSync(join(home, "nowhere"), join(folders[1]!, "node"));
    mkdirSync(folders[2]!);
    writeFileSync(join(folders[2]!, "node"), "#!/bin/sh\necho hello\n", { mode: 0o755 });
    const good = plantNode(join(folders[3]!, "node"), "22.22.2");
    const found = await findOrFetchNode(options({ env: { PATH: folders.join(":") }, places: nodePlaces }));
    expect(found).toMatchObject({ path: good, version: "22.22.2", flags: [], isRunning: false });
  });

  test("a program that never answers is given up", () => {
    expect(tryNode(plantNode(join(home, "node"), "22.23.3", "exec sleep 600"), 50)).toBeNull();
  });

  test("the newest fit version of a version manager is taken", async () => {
    for (const version of ["18.20.8", "22.22.2", "22.100.0", "24.1.0"]) {
      plantNode(join(home, ".nvm/versions/node", `v${version}`, "bin/node"), version);
    }
    const found = await findOrFetchNode(options({ env: { PATH: "" }, places: nodePlaces }));
    expect(found.path).toBe(join(home, ".nvm/versions/node/v22.100.0/bin/node"));
  });

  test.each([
    ["nvm", {}, ".nvm/versions/node/v22.23.3/bin/node"],
    ["nvm elsewhere", { NVM_DIR: "x" }, "x/versions/node/v22.23.3/bin/node"],
    ["fnm", {}, ".local/share/fnm/node-versions/v22.23.3/installation/bin/node"],
    ["fnm on macOS", {}, "Library/Application Support/fnm/node-versions/v22.23.3/installation/bin/node"],
    ["volta", {}, ".volta/tools/image/node/22.23.3/bin/node"],
    ["asdf", {}, ".asdf/installs/nodejs/22.23.3/bin/node"],
    ["mise", {}, ".local/share/mise/installs/node/22.23.3/bin/node"],
    ["n", { N_PREFIX: "y" }, "y/n/versions/node/22.23.3/bin/node"],
    ["nodenv", {}, ".nodenv/versions/22.23.3/bin/node"],
    ["nodebrew", {}, ".nodebrew/node/v22.23.3/bin/node"],
  ])("the copies of %s are known", (_name, variables, path) => {
    plantNode(join(home, path), "22.23.3");
    const env = Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, join(home, value)]));
    expect([...nodePlaces({ env, home })].map((place) => place.path)).toContain(join(home, path));
  });
});

describe("fetch", () => {
  const fakeNode = { name: "node-for-tests", version: "22.23.3", program: nodeScript("22.23.3") };

  test("a Node is fetched once, into a path with spaces, and found there the next time", async () => {
    registry = await startFakeRegistry([fakeNode]);
    const found = await findOrFetchNode(options());
    expect(found).toMatchObject({
      path: join(cache(), "node-for-tests-22.23.3/bin/node"),
      version: "22.23.3",
      isRunning: false,
    });
    expect(shown).toMatch(/^mlx-manager: fetching Node 22\.23\.3 into .* \.\.\. \d+\.\d s\n$/);
    expect(readdirSync(cache())).toEqual(["node-for-tests-22.23.3"]);

    const count = registry.requests.length;
    shown = "";
    expect((await findOrFetchNode(options())).path).toBe(found.path);
    expect(registry.requests).toHaveLength(count);
    expect(shown).toBe("");
  });

  test("two that fetch at once end with one good copy and no leftovers", async () => {
    registry = await startFakeRegistry([fakeNode]);
    const found = await Promise.all([findOrFetchNode(options()), findOrFetchNode(options())]);
    expect(new Set(found.map(({ path }) => path)).size).toBe(1);
    expect(tryNode(found[0].path)?.text).toBe("22.23.3");
    expect(readdirSync(cache())).toEqual(["node-for-tests-22.23.3"]);
  });

  test("a package whose bytes are not the pinned ones is refused and not kept", async () => {
    registry = await startFakeRegistry([fakeNode]);
    const nodePackage = { ...registry.pins[0], integrity: nodePackages["linux-x64"].integrity };
    await expect(findOrFetchNode(options({ nodePackage }))).rejects.toThrow(/not the pinned one .* was refused/);
    expect(readdirSync(cache())).toEqual([]);
  });

  test("a damaged copy in the cache is replaced", async () => {
    registry = await startFakeRegistry([fakeNode]);
    const path = join(cache(), "node-for-tests-22.23.3/bin/node");
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, "half a program");
    expect((await findOrFetchNode(options())).path).toBe(path);
    expect(tryNode(path)?.text).toBe("22.23.3");
    expect(readdirSync(cache())).toEqual(["node-for-tests-22.23.3"]);
  });

  test("a package that does not run on this machine says so and is not kept", async () => {
    registry = await startFakeRegistry([{ ...fakeNode, program: "\u007fELF for another machine" }]);
    await expect(findOrFetchNode(options())).rejects.toThrow(/does not run on this machine.*https:\/\/nodejs\.org/);
    expect(readdirSync(cache())).toEqual([]);
  });

  test("a home that cannot be written gives the folder and the variable that moves it", async () => {
    registry = await startFakeRegistry([fakeNode]);
    await expect(findOrFetchNode(options({ home: "/dev/null/home" }))).rejects.toThrow(
      /cannot write to the cache folder \/dev\/null\/home\/\.cache\/mlx-manager\/node \(ENOTDIR\).*XDG_CACHE_HOME/,
    );
  });

  test("XDG_CACHE_HOME moves the cache, and macOS has its own usual place", async () => {
    registry = await startFakeRegistry([fakeNode]);
    const env = { ...options().env, XDG_CACHE_HOME: join(home, "moved") };
    expect((await findOrFetchNode(options({ env }))).path).toMatch(join(home, "moved/mlx-manager/node/"));
    expect((await findOrFetchNode(options({ platform: "darwin" }))).path).toMatch(
      join(home, "Library/Caches/mlx-manager/node/"),
    );
  });

  test("without a registry a later Node is used with Maglev off, and the registry is not asked again at once", async () => {
    registry = await startFakeRegistry([]);
    const later = plantNode(join(home, "later/node"), "24.21.0");
    const places = () => [{ path: later, version: null }];
    const nodePackage = { name: "node-for-tests", version: "22.23.3", integrity: "sha512-" };
    const expected = { path: later, version: "24.21.0", flags: ["--no-maglev"], isRunning: false };
    expect(await findOrFetchNode(options({ nodePackage, places }))).toEqual(expected);
    expect(shown).toMatch(/using Node 24\.21\.0 with Maglev off, because Node 22\.23\.3 could not be fetched .*404/);

    const count = registry.requests.length;
    expect(await findOrFetchNode(options({ nodePackage, places }))).toEqual(expected);
    expect(registry.requests).toHaveLength(count);
  });

  test("without a registry and without a later Node the error tells the reason and the next step", async () => {
    registry = await startFakeRegistry([]);
    const nodePackage = { name: "node-for-tests", version: "22.23.3", integrity: "sha512-" };
    await expect(findOrFetchNode(options({ nodePackage }))).rejects.toThrow(
      /could not be fetched .*404.*https:\/\/nodejs\.org/,
    );
  });

  test("every pinned package is of the line we need and has a full integrity", () => {
    expect(Object.keys(nodePackages)).toEqual(expect.arrayContaining(["linux-x64", "linux-arm64", "darwin-arm64"]));
    for (const { version, integrity } of Object.values(nodePackages)) {
      expect(isFit(parseVersion(version))).toBe(true);
      expect(Buffer.from(integrity.replace("sha512-", ""), "base64")).toHaveLength(64);
    }
  });
});

test("an npm of ours keeps the network and account settings of the outer npm and forgets its run", () => {
  const env = {
    PATH: "/usr/bin",
    HOME: "/home/someone",
    npm_config_registry: "https://registry.example",
    "npm_config_@team:registry": "https://team.example",
    "npm_config_//team.example/:_authToken": "secret",
    NPM_CONFIG_HTTPS_PROXY: "http://proxy.example",
    npm_config_cafile: "/ca.pem",
    npm_config_cache: "/cache",
    npm_config_workspace: "service",
    npm_config_omit: "dev",
    npm_config_dry_run: "true",
    npm_config_engine_strict: "true",
    npm_lifecycle_event: "start",
    npm_package_name: "other",
    npm_execpath: "/npm-cli.js",
    INIT_CWD: "/elsewhere",
  };
  expect(npmEnvironment(env, "/node/bin/node")).toEqual({
    PATH: "/node/bin:/usr/bin",
    HOME: "/home/someone",
    npm_config_registry: "https://registry.example",
    "npm_config_@team:registry": "https://team.example",
    "npm_config_//team.example/:_authToken": "secret",
    NPM_CONFIG_HTTPS_PROXY: "http://proxy.example",
    npm_config_cafile: "/ca.pem",
    npm_config_cache: "/cache",
    npm_config_update_notifier: "false",
  });
});

test("the files that run before anything is installed import only Node and each other", () => {
  const root = join(import.meta.dirname, "../..");
  const bin = readdirSync(join(root, "service/bin")).map((name) => join(root, "service/bin", name));
  const scripts = ["bootstrap", "install-packages", "install-lock"].map((name) => join(root, "scripts", `${name}.mjs`));
  for (const file of [...bin, ...scripts]) {
    const imported = [...readFileSync(file, "utf8").matchAll(/^(?:import|\} from) .*?"([^"]+)";$/gm)].map(
      (match) => match[1],
    );
    for (const name of imported) expect(name).toMatch(/^(node:|\.\/|\.\.\/service\/bin\/)/);
  }
});
