// A stand-in for `mlx_lm convert`: the same words, a small quantized model or a fault. Which one: FAKE_CONVERT, as the
// first word of its command line.
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [fault, , ...words] = process.argv.slice(2);
const value = (name) => words[words.indexOf(name) + 1];
const source = value("--hf-path");
const target = value("--mlx-path");

process.stdin.on("end", () => process.exit(9)).resume();
process.stdout.write("[INFO] Loading\n");
if (fault === "no-space") fail("OSError: [Errno 28] No space left on device");
if (fault === "unknown-layer") fail(`ValueError: Model type strange not supported in ${source}/config.json.`);
mkdirSync(target, { recursive: true });
writeFileSync(join(target, "model.safetensors"), "half");
if (fault === "hang") {
  process.stdout.write("hanging\n");
  setInterval(() => undefined, 1000);
} else {
  cpSync(source, target, { recursive: true });
  if (fault === "cut") writeFileSync(join(target, "model.safetensors"), "half");
  process.stdout.write("[INFO] Quantized model with 4.500 bits per weight.\n");
  process.exit(0);
}

function fail(line) {
  process.stderr.write(`Traceback (most recent call last):\n  File "/somewhere/convert.py", line 1\n${line}\n`);
  process.exit(1);
}
