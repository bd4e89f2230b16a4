/** Runs the `ray` command of the extension's own install, offline. Nothing is written beside the sources but `raycast-env.d.ts`. */
import { execFile } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { extensionFolder } from "../fakes/raycast/extension-folder.ts";

export interface RayResult {
  exitCode: number;
  /** Both streams together, without colours. */
  output: string;
}

/** `ray build -e dist` into `folder`: type check, one CommonJS file per command, manifest, assets. */
export async function rayBuild(folder: string): Promise<RayResult> {
  return await ray(["build", "-e", "dist", "-o", folder]);
}

/**
 * `ray lint` with every check of a store review that runs offline. Two checks ask the network: whether the author exists,
 * and the manifest's schema; a local stub answers both (any schema passes there, our own check is manifest.test.ts).
 */
export async function rayLint(): Promise<RayResult> {
  const server = createServer((request, response) => {
    response.setHeader("content-type", "application/json");
    response.end(request.url?.startsWith("/schemas/") ? '{"type":"object"}' : "{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    return await ray(["lint", "-s", `${address}/schemas/extension.json`], { CI: "true", RAY_APIURL: address });
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

async function ray(argv: string[], variables: Record<string, string> = {}): Promise<RayResult> {
  // A home of its own: `ray` keeps settings there, and a shared one would let two runs meet.
  const home = await mkdtemp(join(tmpdir(), "ray-home-"));
  const program = join(extensionFolder, "node_modules", "@raycast", "api", "bin", "run.js");
  const environment: NodeJS.ProcessEnv = { ...process.env, HOME: home, NO_COLOR: "1", FORCE_COLOR: "0", ...variables };
  // `ray` starts node, tsc and eslint by name: the Node that runs the tests has to be found first.
  environment.PATH = `${dirname(process.execPath)}:${process.env.PATH ?? ""}`;
  delete environment.NODE_OPTIONS;
  try {
    return await new Promise((resolve) => {
      execFile(
        process.execPath,
        [program, ...argv],
        { cwd: extensionFolder, env: environment },
        (error, stdout, stderr) => {
          const exitCode = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
          resolve({ exitCode, output: `${stdout}${stderr}` });
        },
      );
    });
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}
