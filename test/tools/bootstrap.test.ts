import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { sparingFlags } from "../../service/bin/node-version.mjs";
import { startFakeRegistry } from "./fake-registry.ts";

const project = join(import.meta.dirname, "../..");
let folder: string;
let root: string;

/** A clone in a path with spaces: our real set-up files around a program that only tells how it was called. */
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "boot strap ")));
  root = join(folder, "a clone");
  for (const name of ["bootstrap", "install-packages", "install-lock"]) {
    cpSync(join(project, "scripts", `${name}.mjs`), join(root, "scripts", `${name}.mjs`));
  }
  cpSync(join(project, "service/bin"), join(root, "service/bin"), { recursive: true });
  writePackage("", "one");
  writePackage("raycast", "one");
  plant(
    "service/src/main.ts",
    `const told: string[] = process.argv.slice(2);\nconsole.log("main", JSON.stringify(told));\n`,
  );
  plant("test/tools/run.mjs", `console.log("tests", JSON.stringify(process.argv.slice(2)));\n`);
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function plant(path: string, content: string) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

/** A package without dependencies: npm ci is real, but needs no registry. */
function writePackage(path: string, name: string) {
  const manifest = { name, version: "1.0.0" };
  plant(join(path, "package.json"), JSON.stringify(manifest));
  plant(
    join(path, "package-lock.json"),
    JSON.stringify({ ...manifest, lockfileVersion: 3, packages: { "": manifest } }),
  );
}

interface Ended {
  code: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
}

function ended(child: ChildProcess): Promise<Ended> {
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (chunk) => (stdout += chunk));
  child.stderr?.on("data", (chunk) => (stderr += chunk));
  return new Promise((resolve) => child.once("close", (code, signal) => resolve({ code, signal, stdout, stderr })));
}

function bootstrap(...parameters: string[]) {
  return ended(spawn(process.execPath, [join(root, "scripts/bootstrap.mjs"), ...parameters], { cwd: folder }));
}

const installed = (name: string) =>
  new RegExp(`^mlx-manager: installing the packages of ${name} \\.\\.\\. \\d+\\.\\d s$`, "gm");

describe("install and hand over", () => {
  test("the first start installs with one line, the second is silent, and both pass the arguments on", async () => {
    const first = await bootstrap("start", "--port", "a b");
    expect(first).toMatchObject({ code: 0, stdout: 'main ["serve","--port","a b"]\n' });
    expect(first.stderr.trim()).toMatch(installed("the workspace"));
    expect(await bootstrap("start")).toEqual({ code: 0, signal: null, stdout: 'main ["serve"]\n', stderr: "" });
  });

  test("tests install the extension too, and a changed lock is installed again, that one only", async () => {
    await bootstrap("start");
    const first = await bootstrap("test", "--full");
    expect(first.stdout).toBe('tests ["--full"]\n');
    expect(first.stderr.trim()).toMatch(installed("raycast"));
    writePackage("", "two");
    const second = await bootstrap("test");
    expect(second.stderr.trim()).toMatch(installed("the workspace"));
    expect(second.stderr).not.toContain("raycast");
  });

  test("two at once install once, and both run", async () => {
    const both = await Promise.all([bootstrap("start"), bootstrap("start")]);
    for (const each of both) expect(each).toMatchObject({ code: 0, stdout: 'main ["serve"]\n' });
    expect(both.flatMap(({ stderr }) => stderr.match(installed("the workspace")) ?? [])).toHaveLength(1);
    expect(existsSync(join(root, ".install-lock"))).toBe(false);
  });

  test("whoever comes second waits for a living holder, with one line, and then finds the work done", async () => {
    const holder = spawn("cat", [], { stdio: ["pipe", "ignore", "ignore"] });
    plant(".install-lock", JSON.stringify({ pid: holder.pid, host: hostname(), id: "other" }));
    const child = spawn(process.execPath, [join(root, "scripts/bootstrap.mjs"), "start"]);
    const end = ended(child);
    await new Promise((resolve) => child.stderr.once("data", resolve));
    holder.stdin.end();
    await new Promise((resolve) => holder.once("exit", resolve));
    const result = await end;
    expect(result.code).toBe(0);
    expect(result.stderr.split("\n")[0]).toBe(
      `mlx-manager: waiting for process ${holder.pid}, which is installing packages`,
    );
  });

  test("a lock whose holder was killed does not hold up the next run", async () => {
    const gone = spawnSync(process.execPath, ["--version"]).pid;
    plant(".install-lock", JSON.stringify({ pid: gone, host: hostname(), id: "gone" }));
    expect(await bootstrap("start")).toMatchObject({ code: 0, stdout: 'main ["serve"]\n' });
  });

  test("a failed install shows npm's reason, and is tried again by the next run", async () => {
    plant(
      "package.json",
      JSON.stringify({ name: "one", version: "1.0.0", dependencies: { "not-in-the-lock": "1.0.0" } }),
    );
    for (let run = 0; run < 2; run++) {
      const result = await bootstrap("start");
      expect(result).toMatchObject({ code: 1, stdout: "" });
      expect(result.stderr).toMatch(/npm ci failed in .*a clone \(exit code 1\)/);
      expect(result.stderr).toContain("not-in-the-lock");
    }
    expect(existsSync(join(root, ".install-lock"))).toBe(false);
  });

  test("a read-only npm cache is named with the variable that moves it", async () => {
    const manifest = { name: "one", version: "1.0.0", dependencies: { x: "1.0.0" } };
    plant("package.json", JSON.stringify(manifest));
    plant(
      "package-lock.json",
      JSON.stringify({
        ...manifest,
        lockfileVersion: 3,
        packages: { "": manifest, "node_modules/x": { version: "1.0.0" } },
      }),
    );
    const registry = await startFakeRegistry([]);
    const env = { ...process.env, npm_config_cache: "/dev/null/npm", npm_config_registry: registry.url };
    const result = await ended(spawn(process.execPath, [join(root, "scripts/bootstrap.mjs"), "start"], { env }));
    await registry.close();
    expect(result.code).toBe(1);
    expect(result.stderr).toContain("the folder /dev/null/npm cannot be written. Set npm_config_cache");
  });

  test("the exit code of the program is the exit code of the whole", async () => {
    plant("service/src/main.ts", "process.exitCode = 42 as number;\n");
    expect((await bootstrap("start")).code).toBe(42);
  });

  test("an unknown command answers with the usage", async () => {
    const result = await bootstrap("nonsense");
    expect(result.code).toBe(1);
    expect(result.stderr).toContain("<start|test|check|bench|build|generate>");
  });
});

describe("the package's command", () => {
  const command = (...parameters: string[]) =>
    ended(spawn(process.execPath, [join(root, "service/bin/mlx-manager.mjs"), ...parameters], { cwd: folder }));

  test("in a checkout the source runs, also beside an old build", async () => {
    plant("service/dist/main.js", 'console.log("dist");\n');
    expect(await command("ps", "--json")).toEqual({
      code: 0,
      signal: null,
      stdout: 'main ["ps","--json"]\n',
      stderr: "",
    });
  });

  test("in the package, which has no source, the build runs", async () => {
    plant("service/package.json", '{"type":"module"}');
    plant("service/dist/main.js", 'console.log("dist", process.argv.slice(2).join());\nprocess.exitCode = 3;\n');
    rmSync(join(root, "service/src"), { recursive: true });
    expect(await command("ps")).toEqual({ code: 3, signal: null, stdout: "dist ps\n", stderr: "" });
  });
});

test("whoever starts the service by a script or a first line gives Node the sparing flags", () => {
  const firstLine = readFileSync(join(project, "service/bin/mlx-manager.mjs"), "utf8").split("\n", 1)[0];
  expect(firstLine).toBe(`#!/usr/bin/env -S node ${sparingFlags.join(" ")}`);
  const { scripts } = JSON.parse(readFileSync(join(project, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  expect(scripts["start"]).toBe(`exec node ${sparingFlags.join(" ")} scripts/bootstrap.mjs start`);
});

describe("signals of a program that runs as a child", () => {
  /** Ends at SIGTERM; what it heard until then is its output. */
  const listener = `
    for (const signal of ["SIGINT", "SIGHUP"]) process.on(signal, () => console.log(signal));
    process.on("SIGTERM", () => { console.log("SIGTERM"); process.exitCode = 5; clearInterval(stay); });
    const stay = setInterval(() => {}, 1000);
    console.log("ready", process.pid);`;

  /** The set-up's way to run a child, in a process group of its own like a terminal's job. */
  async function startJob(program: string) {
    plant("child.mjs", program);
    plant(
      "parent.mjs",
      `import { endLike, runChild } from "./service/bin/run-child.mjs";
       endLike(await runChild(process.execPath, ["child.mjs"], { env: process.env }));`,
    );
    const job = spawn(process.execPath, ["parent.mjs"], { cwd: root, detached: true });
    const end = ended(job);
    const child = await new Promise<number>((resolve) => {
      job.stdout.once("data", (chunk) => resolve(Number(String(chunk).split(" ")[1])));
    });
    const nextOutput = () => new Promise((resolve) => job.stdout.once("data", resolve));
    return { pid: job.pid!, child, end, nextOutput, heard: async () => (await end).stdout.trim().split("\n").slice(1) };
  }

  test("a signal for the job alone is handed on, and the child's exit code comes back", async () => {
    const job = await startJob(listener);
    process.kill(job.pid, "SIGTERM");
    expect(await job.heard()).toEqual(["SIGTERM"]);
    expect(await job.end).toMatchObject({ code: 5, signal: null });
  });

  test("a signal for the whole group, like Ctrl-C, reaches the child once", async () => {
    const job = await startJob(listener);
    process.kill(-job.pid, "SIGINT");
    process.kill(job.pid, "SIGTERM");
    expect(await job.heard()).toEqual(["SIGINT", "SIGTERM"]);
  });

  test("the echo that npm sends after a Ctrl-C is dropped", async () => {
    const job = await startJob(listener);
    process.kill(-job.pid, "SIGINT");
    await job.nextOutput();
    process.kill(job.pid, "SIGINT");
    process.kill(job.pid, "SIGTERM");
    expect(await job.heard()).toEqual(["SIGINT", "SIGTERM"]);
  });

  test("a child that dies of a signal makes the job die of the same", async () => {
    const job = await startJob(listener);
    process.kill(job.child, "SIGKILL");
    expect(await job.end).toMatchObject({ code: null, signal: "SIGKILL" });
  });

  test("the job stays until its child is gone", async () => {
    const job = await startJob(
      listener.replace("process.exitCode = 5;", 'setTimeout(() => console.log("drained"), 300);'),
    );
    process.kill(job.pid, "SIGTERM");
    expect(await job.heard()).toEqual(["SIGTERM", "drained"]);
    expect(() => process.kill(job.child, 0)).toThrow("ESRCH");
  });
});
