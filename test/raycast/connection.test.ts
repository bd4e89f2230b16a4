import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEFAULT_ADDRESS, isOnThisMachine, readConnection } from "../../raycast/src/api/connection.ts";
import { raycast, resetRaycast } from "../fakes/raycast/record.ts";

let home: string;
const saved = process.env["MLX_MANAGER_HOME"];

beforeEach(async () => {
  resetRaycast();
  home = await mkdtemp(join(tmpdir(), "raycast-connection-"));
  process.env["MLX_MANAGER_HOME"] = home;
  await mkdir(join(home, "run"));
});

afterEach(async () => {
  if (saved === undefined) delete process.env["MLX_MANAGER_HOME"];
  else process.env["MLX_MANAGER_HOME"] = saved;
  await rm(home, { recursive: true, force: true });
});

const leave = (name: string, text: string) => writeFile(join(home, "run", name), text);
const discovery = (pid: number, address: string) => leave("service.json", JSON.stringify({ pid, address }));

describe("where the service is", () => {
  test("is the preference without its last slash, and http when nothing was written before it", () => {
    for (const [typed, address] of [
      ["http://127.0.0.1:9000/", "http://127.0.0.1:9000"],
      ["localhost:9000", "http://localhost:9000"],
      ["https://mac.example", "https://mac.example"],
      ["", DEFAULT_ADDRESS],
    ]) {
      raycast.preferences = { serviceUrl: typed };
      expect(readConnection().address).toBe(address);
    }
  });

  test("is what a living service left, while the preference is the default", async () => {
    await discovery(process.pid, "http://127.0.0.1:7777");
    expect(readConnection().address).toBe("http://127.0.0.1:7777");
    raycast.preferences = { serviceUrl: "http://127.0.0.1:9000" };
    expect(readConnection().address).toBe("http://127.0.0.1:9000");
  });

  test("is the default when what was left is broken, of a dead service, or of another machine", async () => {
    await leave("service.json", '{"pid": 1');
    expect(readConnection().address).toBe(DEFAULT_ADDRESS);
    await discovery(2 ** 22 + 1, "http://127.0.0.1:7777");
    expect(readConnection().address).toBe(DEFAULT_ADDRESS);
    await discovery(process.pid, "http://192.0.2.1:7777");
    expect(readConnection().address).toBe(DEFAULT_ADDRESS);
  });
});

describe("the key", () => {
  test("is the typed one, else the service's own on this account, which never leaves this machine", async () => {
    await leave("admin.key", "own-key\n");
    expect(readConnection()).toMatchObject({ key: "own-key", keyFromPreferences: false });
    raycast.preferences = { apiKey: " typed " };
    expect(readConnection()).toMatchObject({ key: "typed", keyFromPreferences: true });
    raycast.preferences = { serviceUrl: "http://192.0.2.1:10242" };
    expect(readConnection().key).toBeUndefined();
  });

  test("only addresses of this machine count as such", () => {
    for (const own of ["http://127.0.0.1:1", "http://localhost:1", "http://[::1]:1", "http://127.9.9.9"])
      expect(isOnThisMachine(own)).toBe(true);
    for (const other of ["http://192.168.1.2:1", "http://127.0.0.1.example:1", "nonsense"])
      expect(isOnThisMachine(other)).toBe(false);
  });
});
