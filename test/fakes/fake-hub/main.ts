/** The fake Hub as a program: `node main.ts --port 0 [--repos DIR]`; `--help` names the rest. */
import { parseArgs } from "node:util";

import { catalog, tinyRepo } from "../../fixtures/hub-repos.ts";
import type { Fault } from "./faults.ts";
import { repoFromFolder, reposFromFolder } from "./folder-repos.ts";
import type { Account, RepoDefinition } from "./repo-definition.ts";
import { startFakeHub } from "./start.ts";

const help = `node main.ts [options]   prints {"url","cdnUrl","repos": count} as one JSON line, then serves until SIGTERM
  --port N, --cdn-port N   ports (0 = any free one)
  --repos DIR              every DIR/owner/name becomes a repository; repeatable
  --repo owner/name=DIR    one repository from a folder; repeatable
  --file owner/name=SIZE   one generated model.safetensors (bytes, or 64MiB, 4GiB); repeatable
  --small owner/name=N     N git files of 4 KiB; repeatable
  --tiny owner/name        a tiny model of a few files; repeatable
  --catalog N              N repositories for searches
  --token TOKEN=NAME       an account; repeatable
  --fault JSON             a fault, e.g. '{"kind":"latency","milliseconds":30}'; repeatable`;

const { values } = parseArgs({
  options: {
    help: { type: "boolean" },
    port: { type: "string", default: "0" },
    "cdn-port": { type: "string", default: "0" },
    repos: { type: "string", multiple: true, default: [] },
    repo: { type: "string", multiple: true, default: [] },
    file: { type: "string", multiple: true, default: [] },
    small: { type: "string", multiple: true, default: [] },
    tiny: { type: "string", multiple: true, default: [] },
    catalog: { type: "string", default: "0" },
    token: { type: "string", multiple: true, default: [] },
    fault: { type: "string", multiple: true, default: [] },
  },
});

if (values.help) console.log(help);
else await serve();

async function serve(): Promise<void> {
  const tokens: Record<string, Account> = {};
  for (const pair of values.token) {
    const [token, name] = split(pair);
    tokens[token] = { name };
  }
  const repos = await wantedRepos();
  const hub = await startFakeHub({
    repos,
    tokens,
    port: Number(values.port),
    cdnPort: Number(values["cdn-port"]),
  });
  for (const fault of values.fault) hub.faults.add(JSON.parse(fault) as Fault);
  console.log(JSON.stringify({ url: hub.url, cdnUrl: hub.cdnUrl, repos: repos.length }));
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void hub.close());
}

async function wantedRepos(): Promise<RepoDefinition[]> {
  const repos: RepoDefinition[] = [...catalog(Number(values.catalog))];
  for (const directory of values.repos) repos.push(...(await reposFromFolder(directory)));
  for (const pair of values.repo) repos.push(await repoFromFolder(...split(pair)));
  for (const id of values.tiny) repos.push(tinyRepo(id));
  for (const pair of values.file) {
    const [id, size] = split(pair);
    const tiny = tinyRepo(id);
    repos.push({ ...tiny, files: { ...tiny.files, "model.safetensors": { size: bytes(size), seed: 1 } } });
  }
  for (const pair of values.small) {
    const [id, count] = split(pair);
    const names = Array.from({ length: Number(count) }, (_, index) => `part-${String(index).padStart(5, "0")}.txt`);
    const files = Object.fromEntries(names.map((name, index) => [name, { size: 4096, seed: index + 1 }]));
    repos.push({ id, files, tags: ["mlx"], pipelineTag: "text-generation" });
  }
  return repos;
}

function split(pair: string): [string, string] {
  const at = pair.indexOf("=");
  if (at <= 0) throw new Error(`Expected name=value, got "${pair}"`);
  return [pair.slice(0, at), pair.slice(at + 1)];
}

function bytes(text: string): number {
  const match = /^(\d+)(KiB|MiB|GiB)?$/.exec(text);
  if (!match) throw new Error(`Expected a size such as 4096, 64MiB or 4GiB, got "${text}"`);
  const power = match[2] ? ["KiB", "MiB", "GiB"].indexOf(match[2]) + 1 : 0;
  return Number(match[1]) * 1024 ** power;
}
