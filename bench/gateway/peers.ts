// The gateways we are measured beside, installed once per machine into the user's cache, outside this tree.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { sharedUv } from "../../test/tools/engine-environment.ts";

const run = promisify(execFile);
const cache = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "mlx-manager-bench");

export const liteLlmVersion = "1.106.2";
/** A commit, since its releases are not numbered as Go's modules are. */
export const llamaSwapVersion = "0bdb3720199f530b622a1934c0db89f32c94819c";

/** A program's path, or why there is none. */
export type Peer = { readonly path: string } | { readonly missing: string };

/** LiteLLM's proxy in an environment of its own. */
export async function installLiteLlm(): Promise<Peer> {
  const folder = join(cache, `litellm-${liteLlmVersion}`);
  const path = join(folder, "bin", "litellm");
  if (existsSync(path)) return { path };
  console.log(`Installing LiteLLM ${liteLlmVersion} into ${folder}, once.`);
  try {
    await mkdir(cache, { recursive: true });
    const uv = await sharedUv();
    await run(uv, ["venv", "--quiet", "--clear", "--python", "3.11", folder]);
    await run(uv, [
      ...["pip", "install", "--quiet", "--python", join(folder, "bin", "python")],
      `litellm[proxy]==${liteLlmVersion}`,
    ]);
    return { path };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    return { missing: `LiteLLM ${liteLlmVersion} could not be installed: ${lastWords(error)}` };
  }
}

/** llama-swap built from its Go module, or the program that `given` names. */
export async function installLlamaSwap(given: string | undefined): Promise<Peer> {
  if (given !== undefined) return { path: given };
  const folder = join(cache, `llama-swap-${llamaSwapVersion.slice(0, 12)}`);
  const path = join(folder, "llama-swap");
  if (existsSync(path)) return { path };
  const go = ["/usr/local/go/bin/go", "/opt/homebrew/bin/go"].find((place) => existsSync(place)) ?? "go";
  try {
    await run(go, ["install", `github.com/mostlygeek/llama-swap@${llamaSwapVersion}`], {
      env: { ...process.env, GOBIN: folder },
      timeout: 300_000,
    });
    return { path };
  } catch (error) {
    const advice = "Name a built one by --llama-swap PATH.";
    return { missing: `llama-swap could not be had through Go's module proxy: ${lastWords(error)} ${advice}` };
  }
}

function lastWords(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message: string };
  const text = stderr?.trim() ? stderr : message;
  return text.trim().replaceAll(/\s+/g, " ").slice(-300);
}
