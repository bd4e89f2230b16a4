// A stand-in for the head of a cluster with `mlx.launch`: starts fake engines as its ranks in its own group, hands them
// the secret on their standard input, and ends all of them when one ends. `fake-cluster-head.mjs <ranks> <control> <program> …`.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { openControl } from "./fake-engine/control.mjs";

const [ranks, address, program, ...options] = process.argv.slice(2);
const { ignoreStop, ignoreSigterm } = JSON.parse(options[options.indexOf("--flags") + 1] ?? "{}");
const token = randomBytes(32).toString("base64url");
const control = openControl({ onStop: () => (ignoreStop ? undefined : process.exit(0)) });
process.on("SIGTERM", () => (ignoreSigterm ? undefined : process.exit(0)));
control.send("hello", { protocol: 1, pid: process.pid, token, engine: "mlx-lm" });

const children = Array.from({ length: Number(ranks) }, (_, rank) => {
  const child = spawn(process.execPath, [program, ...options, "--control", address], {
    env: { ...process.env, MLX_RANK: String(rank), FAKE_CLUSTER_GROUP: String(process.pid) },
    stdio: ["pipe", "inherit", "inherit"],
  });
  child.stdin.on("error", () => undefined);
  child.stdin.end(`${token}\n`);
  child.once("exit", () => void endAll());
  return child;
});

async function endAll() {
  // mlx.launch looks at its ranks from time to time only.
  await new Promise((resolve) => setTimeout(resolve, 300));
  for (const child of children) child.kill("SIGKILL");
  await control.fatal("cluster_ended", "mlx.launch ended with status 1");
  process.exit(1);
}
