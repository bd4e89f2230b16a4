import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import Sqlite from "better-sqlite3";
import { descendantsOf, rowsOf, secretsBelow, secretsIn } from "./secret-search.ts";

const text = "hf_AbcdefGhijkLmnopQ";
const secrets = [
  { name: "token", text },
  { name: "other", text: "Another0123456789" },
];

test.each([
  ["as it is", `x${text}y`],
  ["as a URL", `?token=${encodeURIComponent(text)}`],
  ["in hexadecimal", Buffer.from(text).toString("hex")],
  ["as Base64", Buffer.from(text).toString("base64")],
  ["as Base64 behind one byte", Buffer.from(`:${text}:`).toString("base64")],
  ["as Base64 behind two bytes", Buffer.from(`a:${text}`).toString("base64url")],
  ["as a login", `Basic ${Buffer.from(`user:${text}`).toString("base64")}`],
])("a secret is found %s", (_title, content) => expect(secretsIn(content, secrets)).toEqual(["token"]));

test("a secret is found in a file's content, its name, a link's target and a database, and nowhere else", () => {
  const folder = mkdtempSync(join(tmpdir(), "mlx-manager-search-"));
  try {
    writeFileSync(join(folder, "clean"), "hf_Abcdef");
    writeFileSync(join(folder, "log"), Buffer.concat([Buffer.from([0, 255]), Buffer.from(text)]));
    writeFileSync(join(folder, text), "");
    symlinkSync(`/nowhere/${text}`, join(folder, "link"));
    expect(secretsBelow(folder, secrets).found.sort()).toEqual([`${text}: token`, "link: token", "log: token"]);
    expect(secretsBelow(folder, secrets).searched.sort()).toEqual(["clean", "log"]);
    const database = new Sqlite(join(folder, "db"));
    database.exec("CREATE TABLE one (a); CREATE TABLE two (b)");
    database.prepare("INSERT INTO two VALUES (?)").run(`${"x".repeat(10_000)}${text}`);
    database.close();
    expect(secretsIn(rowsOf(join(folder, "db")), secrets)).toEqual(["token"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a secret is found in the environment of a process below ours", async () => {
  const child = spawn(process.execPath, ["-e", "process.stdin.resume(); console.log(1)"], { env: { TOKEN: text } });
  await once(child.stdout, "data");
  const seen = descendantsOf(process.pid).find(({ pid }) => pid === child.pid);
  expect(secretsIn(seen?.shown ?? "", secrets)).toEqual(["token"]);
  child.kill();
  await once(child, "close");
});
