#!/usr/bin/env node
// Stands in for macOS' `security -i`: reads commands from standard input, keeps items in a JSON file, and records how it
// was started, so that a test sees what other programs of the machine could have seen.
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";

const folder = process.env.FAKE_SECURITY_FOLDER;
const itemsPath = `${folder}/items.json`;
appendFileSync(
  `${folder}/started.jsonl`,
  `${JSON.stringify({ words: process.argv.slice(2), names: Object.keys(process.env) })}\n`,
);

const words = [
  ...readFileSync(0, "utf8")
    .trim()
    .matchAll(/"([^"]*)"|(\S+)/g),
].map(([, quoted, bare]) => quoted ?? bare);
const option = (name) => words[words.indexOf(name) + 1];
const items = existsSync(itemsPath) ? JSON.parse(readFileSync(itemsPath, "utf8")) : {};
const key = `${option("-s")}/${option("-a")}`;

if (existsSync(`${folder}/locked`)) fail(36, "User interaction is not allowed.");
else if (words[0] === "add-generic-password") {
  writeFileSync(itemsPath, JSON.stringify({ ...items, [key]: option("-w") }));
} else if (!(key in items)) {
  fail(44, "The specified item could not be found in the keychain.");
} else if (words[0] === "find-generic-password") {
  process.stdout.write(`${items[key]}\n`);
} else {
  const { [key]: _removed, ...others } = items;
  writeFileSync(itemsPath, JSON.stringify(others));
  process.stdout.write('keychain: "/Users/ada/Library/Keychains/login.keychain-db"\nversion: 512\nclass: "genp"\n');
  process.stderr.write("password has been deleted.\n");
}

function fail(code, text) {
  process.stderr.write(`security: Sec: ${text}\n${words[0]}: returned ${code}\n`);
  process.exitCode = code;
}
