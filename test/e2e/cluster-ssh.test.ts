import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { networkInterfaces, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Placement } from "../../service/src/contract/profile-kinds.ts";
import type { Profile } from "../../service/src/contract/profiles.ts";
import type { Server } from "../../service/src/contract/servers.ts";
import { processesWith } from "../tools/processes-with.ts";
import { startRealService } from "./real-service.ts";
import type { RealService } from "./real-service.ts";

/*
 * A rank behind ssh. There is one machine here, so that a program in place of ssh runs what it is given in a session of
 * its own, with nothing of our environment, as sshd does.
 */
const ssh = `#!/bin/sh
while [ $# -gt 0 ]; do
  case "$1" in
    -o) shift 2 ;;
    --) shift; break ;;
    -*) shift ;;
    *) break ;;
  esac
done
shift
exec setsid -w env -i HOME="$HOME" PATH=/usr/bin:/bin OVER_SSH=yes bash -c "$*"
`;
const demo = "mlx-manager/demo";
let folder: string;
let service: RealService;
let profile: Profile;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "mlx-manager-ssh-"));
  writeFileSync(join(folder, "ssh"), ssh);
  chmodSync(join(folder, "ssh"), 0o755);
  service = await startRealService({ PATH: `${folder}${delimiter}${process.env["PATH"]}` });
  const ips = [ownAddress()];
  profile = await service.api().send<Profile>("POST", "/api/profiles", {
    ...{ slug: "two", model: demo, kind: "cluster" },
    cluster: {
      ...{ mode: "tensor", backend: "ring" },
      hosts: [...["127.0.0.1", "twin"].map((host) => ({ host, ips }))],
    },
  });
}, 600_000);
afterAll(async () => {
  await service.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Linux answers on all of 127.0.0.0/8; elsewhere an address of the network. */
function ownAddress(): string {
  if (process.platform === "linux") return "127.0.0.2";
  const all = Object.values(networkInterfaces()).flatMap((some) => some ?? []);
  return all.find(({ family, internal }) => family === "IPv4" && !internal)?.address ?? "127.0.0.2";
}

const ranksThere = () =>
  processesWith("OVER_SSH=yes").filter((pid) => processesWith(`HOME=${service.home}`).includes(pid));

describe("a rank behind ssh", () => {
  test("is asked before, takes part in an answer, is named when it is lost, and goes with the service", async () => {
    const preview = await service.api().send<Placement>("POST", `/api/profiles/${profile.id}/placement`, {});
    expect(preview).toMatchObject({ possible: true, nodes: [{ fits: true }, { host: "twin", fits: true }] });
    const server = await service.api().send<Server>("POST", `/api/profiles/${profile.id}/start?wait=true`);
    expect(server.state).toBe("ready");
    const [rank] = ranksThere();
    const lost = service.api().until("servers", ({ event }) => {
      if (event?.type !== "server.changed") return null;
      return event.data.restarts > 0 && event.data.state === "ready" ? event.data : null;
    });
    process.kill(rank!, "SIGKILL");
    expect((await lost).lastError).toMatchObject({
      message: expect.stringMatching(/^The cluster lost rank 1 on twin/),
      details: { reason: "rank_lost", host: "twin" },
    });
    expect(ranksThere()).not.toEqual([]);
    await service.process().kill("SIGKILL");
    await service.restart();
    expect(ranksThere()).toEqual([]);
  }, 120_000);
});
