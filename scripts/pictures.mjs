// Makes the pictures of the README: the extension's views and the command line, against a running service with the real
// engine and the fake Hub. By hand: `node scripts/pictures.mjs` (needs Chromium).
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const target = join(root, "assets", "pictures");
const home = mkdtempSync(join(tmpdir(), "mlx-manager-pictures-"));
const main = join(root, "service/src/main.ts");
const children = [];
mkdirSync(target, { recursive: true });

const firstLine = async (words, env, pattern) => {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", ...words], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const found = pattern.exec(line);
      if (found) resolve(found[1]);
    });
    child.on("close", (code) => reject(new Error(`${words[0]} ended with ${code}`)));
  });
};

try {
  const hubLine = await firstLine(
    [
      join(root, "test/fakes/fake-hub/main.ts"),
      "--catalog",
      "80",
      "--repo",
      `mlx-community/demo-4bit=${join(root, "service/demo-model/model")}`,
      "--file",
      "mlx-community/Qwen3-4B-big=600MiB",
    ],
    process.env,
    /(\{.*"url".*\})/,
  );
  const env = {
    ...process.env,
    ...{ MLX_MANAGER_HOME: home, MLX_MANAGER_PORT: "10242", MLX_MANAGER_HF_CACHE_PATH: join(home, "hub") },
    ...{ HF_ENDPOINT: JSON.parse(hubLine).url, NO_COLOR: "1" },
  };
  const address = await firstLine([main, "serve"], env, /is ready at (\S+)/);
  await untilInstalled(address);
  // Still at work when its picture is taken.
  const slow = await fetch(`${address}/api/settings`, {
    method: "PATCH",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ downloadBytesPerSecond: 9_000_000 }),
  });
  if (!slow.ok) throw new Error(await slow.text());
  const download = await fetch(`${address}/api/downloads`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "mlx-community/Qwen3-4B-big" }),
  });
  if (!download.ok) throw new Error(await download.text());
  const run = (...words) =>
    execFileSync(process.execPath, ["--disable-warning=ExperimentalWarning", main, ...words], {
      env: { ...env, COLUMNS: "110" },
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
  const shown = [];
  const show = (...words) =>
    shown.push(
      `$ mlx-manager ${words.map((word) => (/\s/.test(word) ? `"${word}"` : word)).join(" ")}\n${run(...words).trimEnd()}`,
    );
  show("search", "qwen3", "--limit", "5");
  run("pull", "mlx-community/demo-4bit");
  show("ls");
  show("run", "mlx-manager/demo", "How do I download a model?");
  show("ps");
  terminalPicture(shown.join("\n\n"), join(target, "cli.png"));
  execFileSync(
    process.execPath,
    [join(root, "test/tools/on-bench.mjs"), join(root, "test/tools/view-pictures.tsx"), address, target],
    { stdio: "inherit" },
  );
} finally {
  for (const child of children.reverse()) child.kill("SIGTERM");
  await Promise.all(
    children.map(
      (child) => new Promise((resolve) => (child.exitCode === null ? child.on("close", resolve) : resolve())),
    ),
  );
  rmSync(home, { recursive: true, force: true });
}

async function untilInstalled(address) {
  for (;;) {
    const { items } = await (await fetch(`${address}/api/engines`)).json();
    if (items[0].state === "installed") return;
    if (items[0].reason) throw new Error(items[0].reason.message);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

function terminalPicture(text, png) {
  const escaped = text
    .replace(/[&<>]/g, (mark) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[mark])
    .replace(/^\$ .*$/gm, (line) => `<b>${line}</b>`);
  const lines = text.split("\n").length;
  const page = join(home, "terminal.html");
  writeFileSync(
    page,
    `<!doctype html><meta charset="utf-8"><style>body{margin:0;background:#1d1f24;color:#dcdfe4;font:15px/22px "DejaVu Sans Mono",monospace;padding:24px}pre{margin:0;font:inherit;white-space:pre-wrap}b{color:#7fd1ae;font-weight:600}</style><pre>${escaped}</pre>`,
  );
  const flags =
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync --hide-scrollbars".split(
      " ",
    );
  execFileSync(
    "chromium",
    [
      ...flags,
      `--user-data-dir=${join(home, "chromium")}`,
      `--window-size=1120,${lines * 22 + 110}`,
      `--screenshot=${png}`,
      pathToFileURL(page).href,
    ],
    { stdio: "pipe" },
  );
}
