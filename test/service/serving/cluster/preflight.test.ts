import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { ProfileCluster } from "../../../../service/src/contract/profile-kinds.ts";
import {
  checkHosts,
  createHostShell,
  endSurvivors,
  hostfileOf,
  placementOf,
  splitProblems,
} from "../../../../service/src/serving/cluster/index.ts";

const at = (path: string) => fileURLToPath(new URL(`../../../../${path}`, import.meta.url));
const places = {
  python: "python3",
  launcher: at("service/engines/launcher/mlx_lm_server.py"),
  modelPath: at("service/demo-model/model"),
};
/** Runs the command here; each host is another trouble. */
const ssh = `#!/bin/sh
while [ "$1" != "--" ]; do shift; done
host=$2
command=$3
case "$host" in
  gone) echo "No route to host" >&2; exit 255 ;;
  bare) exit 127 ;;
  empty) eval "$command" | sed 's/"modelBytes": [0-9]*/"modelBytes": null/' ;;
  older) eval "$command" | sed 's/"mlx": [^,}]*/"mlx": "0.1.0"/; s/"modelBytes": [0-9]*/"modelBytes": 7/' ;;
  *) eval "$command" ;;
esac
`;
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "mlx-manager-ssh-"));
  writeFileSync(join(folder, "ssh"), ssh);
  chmodSync(join(folder, "ssh"), 0o755);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const shell = () =>
  createHostShell({ environment: { PATH: `${folder}${delimiter}${process.env["PATH"]}`, HOME: folder } });
const here = { host: "127.0.0.1", ips: ["10.0.0.1"] };
const clusterWith = (...names: string[]): ProfileCluster => ({
  hosts: [here, ...names.map((host, index) => ({ host, ips: [`10.0.0.${index + 2}`] }))],
  ...{ mode: "tensor", backend: "ring" },
});

describe("the preflight of a cluster", () => {
  test("each host that cannot take part says why and what to do, the others are fine", async () => {
    const reports = await checkHosts(clusterWith("twin", "gone", "bare", "empty", "older"), places, shell());
    expect(reports.map(({ host, problems }) => [host, problems])).toEqual([
      ["127.0.0.1", []],
      ["twin", []],
      ["gone", [expect.stringMatching(/^gone: it is not reached by ssh without a password/)]],
      ["bare", [expect.stringMatching(/^bare: there is no engine at python3\. Install/)]],
      ["empty", [expect.stringMatching(/^empty: the model is not at the same place there/)]],
      ["older", [expect.stringMatching(/^older: mlx is 0\.1\.0 there/), expect.stringMatching(/another revision/)]],
    ]);
    const [, twin] = reports;
    expect(twin!.limitBytes).toBeGreaterThan(1e8);
  });

  test("what is left on another host is ended there; a host that cannot be asked is named", async () => {
    const left = await endSurvivors(clusterWith("twin", "gone"), "MARK_OF_A_TEST=none", shell());
    expect(left).toEqual(["gone"]);
  });
});

describe("the placement of a cluster", () => {
  const facts = { modelType: "llama", heads: 8, keyValueHeads: 4, layers: 10, hasIndex: false };
  const input = {
    ...{ facts, contextTokens: 8192, concurrency: 1, reports: [], ownLimitBytes: 8e9 },
    whole: { weights: 10e9, kv: 2e9, overhead: 1e9 },
  };

  test("shares weights and cache, not the engine; ranks of this machine share its room", () => {
    const cluster = { ...clusterWith("twin"), hosts: [here, { ...here, host: "localhost" }] };
    const { nodes, possible } = placementOf({ ...input, cluster });
    expect(nodes[0]).toMatchObject({ weightBytes: 5e9, kvBytes: 1e9, neededBytes: 7e9, limitBytes: 4e9, fits: false });
    expect(nodes[1]!.limitBytes).toBe(4e9);
    expect(possible).toBe(false);
  });

  test("a host that was not asked is neither fit nor unfit", () => {
    const { nodes, possible } = placementOf({ ...input, cluster: clusterWith("twin") });
    expect([nodes[0]!.fits, nodes[1]!.fits, possible]).toEqual([true, null, true]);
  });

  test.each([
    [{}, "tensor", 2, []],
    [{ keyValueHeads: 3 }, "tensor", 2, [/3 key-value heads cannot be shared out evenly/]],
    [{}, "pipeline", 2, [/cannot be split by pipeline parallelism in mlx-lm\. Use the mode "tensor"/]],
    [{ modelType: "qwen2" }, "pipeline", 2, [/no model\.safetensors\.index\.json/]],
    [{ modelType: "qwen2", hasIndex: true }, "pipeline", 16, [/10 layers, fewer than 16 hosts/]],
    [{ modelType: "mamba" }, "tensor", 2, [/Serve it from one machine/]],
  ] as const)("%j by %s over %d: said before anything is loaded", (changes, mode, ranks, problems) => {
    expect(splitProblems({ ...facts, ...changes }, mode, ranks)).toEqual(
      problems.map((text) => expect.stringMatching(text)),
    );
  });

  test("the hostfile is that of mlx.launch", () => {
    expect(JSON.parse(hostfileOf(clusterWith("studio.local")))).toEqual({
      ...{ backend: "ring", envs: [] },
      hosts: [
        { ssh: "127.0.0.1", ips: ["10.0.0.1"], rdma: [] },
        { ssh: "studio.local", ips: ["10.0.0.2"], rdma: [] },
      ],
    });
  });
});
