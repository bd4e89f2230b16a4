import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "@jest/globals";
import { execa } from "execa";

const root = path.join(import.meta.dirname, "..", "..", "..");
const engines = path.join(root, "service", "engines");

describe("engine locks", () => {
  test("hold the asserted versions, a backend per platform, a hash per package and no index", async () => {
    const { stdout } = await execa(process.execPath, ["scripts/compile-engine-locks.mjs", "--check"], { cwd: root });
    expect(stdout.split("\n")).toEqual([
      expect.stringMatching(/^mlx-lm macos-arm64: \d+ packages, mlx 0\.32\.\d+$/),
      expect.stringMatching(/^mlx-lm linux-x86_64: \d+ packages, mlx 0\.32\.\d+$/),
      expect.stringMatching(/^mlx-vlm macos-arm64: \d+ packages, mlx 0\.32\.\d+$/),
      expect.stringMatching(/^mlx-vlm linux-x86_64: \d+ packages, mlx 0\.32\.\d+$/),
      expect.stringMatching(/^mlx-openai-server macos-arm64: \d+ packages, mlx 0\.31\.\d+$/),
    ]);
  });

  test("pin uv's wheel for each machine by name, version and checksum", () => {
    const { uv } = JSON.parse(readFileSync(path.join(engines, "tooling.json"), "utf8"));
    expect(Object.keys(uv.wheels)).toEqual(["linux-x86_64", "linux-aarch64", "macos-arm64", "macos-x86_64"]);
    for (const wheel of Object.values<{ file: string; sha256: string; size: number }>(uv.wheels)) {
      expect(wheel.file.startsWith(`uv-${uv.version}-py3-none-`)).toBe(true);
      expect(wheel.sha256).toMatch(/^[0-9a-f]{64}$/);
      expect(wheel.size).toBeGreaterThan(1_000_000);
    }
  });

  const afterHello = [
    ...["mlx_lm_engine.py", "grammar_mask.py", "weight_loading.py", "model_trial.py"],
    ...["mlx_vlm_engine.py", "mlx_vlm_mask.py", "asgi_server.py"],
  ];
  test("the launcher imports nothing but Python's own library before the engine", () => {
    const names = readdirSync(path.join(engines, "launcher")).map((name) => path.parse(name).name);
    const imported = readdirSync(path.join(engines, "launcher"))
      .filter((name) => name.endsWith(".py") && !afterHello.includes(name))
      .flatMap(
        (name) => readFileSync(path.join(engines, "launcher", name), "utf8").match(/^(?:from|import) \S+/gm) ?? [],
      );
    const others = imported.filter((line) => !names.includes(line.split(" ")[1] ?? ""));
    expect(others.filter((line) => /mlx|numpy|transformers|huggingface|uvicorn|fastapi/.test(line))).toEqual([]);
  });
});
