import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { readConfig } from "../../../../service/src/config.ts";
import { proxyFor } from "../../../../service/src/library/hub/no-proxy.ts";
import { pythonEnvironment } from "../../../tools/python-environment.ts";

const proxies = { HTTPS_PROXY: "http://secure.proxy:1", HTTP_PROXY: "http://plain.proxy:2" };
const addresses = [
  ...[
    "https://huggingface.co/api",
    "https://cdn.huggingface.co/x",
    "https://nothuggingface.co/",
    "http://huggingface.co/",
  ],
  ...[
    "http://localhost:8080/",
    "http://127.0.0.1:8080/",
    "http://10.1.2.3/",
    "https://[::1]:8443/",
    "https://x.corp:8443/",
  ],
];
const exemptions = [
  ...["", "*", "huggingface.co", ".huggingface.co", "HuggingFace.CO", "a.example, huggingface.co", "localhost"],
  ...["127.0.0.1", "127.0.0.1:8080", "x.corp:8443", "x.corp:1", "corp", "::1", "[::1]", "co"],
  ...["https://huggingface.co", "all://huggingface.co"],
];

/** What huggingface_hub's HTTP client, and urllib whose reading it builds on, would ask directly. */
const script = `
import json, os, sys, urllib.request, httpx2 as httpx
from urllib.parse import urlsplit
clients = {}
def client_of(no_proxy):
    os.environ["NO_PROXY"] = no_proxy
    if no_proxy not in clients:
        clients[no_proxy] = httpx.Client(verify=False)
    return clients[no_proxy]
answers = []
for no_proxy, address in json.load(sys.stdin):
    client = client_of(no_proxy)
    by_httpx = client._transport_for_url(httpx.URL(address)) is client._transport
    by_urllib = bool(urllib.request.proxy_bypass_environment(urlsplit(address).netloc, {"no": no_proxy}))
    answers.append([by_httpx, by_urllib])
print(json.dumps(answers))
`;

let python: string;
beforeAll(async () => {
  python = (await pythonEnvironment()).python;
}, 600_000);

async function askPython(questions: readonly (readonly [string, string])[], environment: Record<string, string>) {
  const child = promisify(execFile)(python, ["-c", script], {
    env: { PATH: process.env["PATH"] ?? "", ...environment },
  });
  child.child.stdin?.end(JSON.stringify(questions));
  return JSON.parse((await child).stdout) as [boolean, boolean][];
}

describe("NO_PROXY, beside Python", () => {
  test("exempts what Python's clients exempt, and nothing that none of them does", async () => {
    const questions = exemptions.flatMap((noProxy) => addresses.map((address) => [noProxy, address] as const));
    const answers = await askPython(questions, proxies);
    const told = questions.map(([NO_PROXY, address], index) => {
      const { proxy } = readConfig({ HOME: "/users/ada", ...proxies, NO_PROXY });
      return { NO_PROXY, address, ours: proxyFor(address, proxy) === null, python: answers[index]?.includes(true) };
    });
    expect(told.filter(({ ours, python: theirs }) => ours !== theirs)).toEqual([]);
    expect(told.filter(({ ours }) => ours).length).toBeGreaterThan(20);
  }, 120_000);
});
