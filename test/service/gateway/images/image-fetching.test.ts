import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { settingDefaults } from "../../../../service/src/contract/settings.ts";
import { createImageSettler } from "../../../../service/src/gateway/index.ts";
import type { NormalRequest } from "../../../../service/src/gateway/request.ts";
import { systemClock } from "../../../../service/src/platform/clock.ts";
import { manualClock } from "../../../tools/manual-clock.ts";
import { file, startImageHost } from "./image-host.ts";
import type { ImageHost } from "./image-host.ts";
import { dataUri, gif, png } from "./pictures.ts";

let host: ImageHost;
beforeEach(async () => {
  host = await startImageHost();
  host.paths.set("/a.png", file(png(8, 8)));
});
afterEach(() => host.close());

const stays = new AbortController().signal;

function settler(change: Partial<Parameters<typeof createImageSettler>[0]> & { settings?: never; set?: object } = {}) {
  const { set = {}, ...rest } = change;
  const settings = { values: () => ({ ...settingDefaults, ...set }) };
  const made = createImageSettler({ clock: systemClock, network: host.network, ...rest, settings });
  return async (images: readonly string[], signal = stays): Promise<readonly string[]> => {
    const request = { messages: [{ role: "user", text: "?", images }] } as unknown as NormalRequest;
    const { messages } = await made.settle(request, "messages", signal);
    return messages[0]?.role === "user" ? messages[0].images : [];
  };
}

const refusal = (code: string, ...texts: string[]) =>
  expect.objectContaining({
    ...{ code, details: { param: "messages" } },
    message: expect.stringMatching(new RegExp(texts.join(".*"))),
  });

describe("an image behind an address", () => {
  test("becomes a data URI, is fetched once, and stays the same when the address changes its mind", async () => {
    const settle = settler();
    const first = await settle([`${host.url}/a.png`]);
    expect(first).toEqual([dataUri(png(8, 8))]);
    host.paths.set("/a.png", file(gif(9, 9)));
    expect(await settle([`${host.url}/a.png`, `${host.url}/a.png`])).toEqual([...first, ...first]);
    expect(host.seen).toHaveLength(1);
  });

  test("is known by its bytes, not by what the host calls it", async () => {
    host.paths.set("/a.png", file(gif(8, 8), "text/html"));
    expect(await settler()([`${host.url}/a.png`])).toEqual([dataUri(gif(8, 8), "image/gif")]);
    host.paths.set("/page.png", file(Buffer.from("<!doctype html>"), "image/png"));
    await expect(settler()([`${host.url}/page.png`])).rejects.toEqual(refusal("invalid_request", "cannot be read"));
  });

  test("is asked for without anybody's login", async () => {
    await settler()([`${host.url}/a.png`]);
    expect(Object.keys(host.seen[0]?.headers ?? {}).sort()).toEqual(
      ["accept", "accept-encoding", "connection", "host", "user-agent"].sort(),
    );
  });

  test("that is wanted twice at once is fetched once; who leaves takes it from nobody else", async () => {
    const settle = settler();
    const arrived = new Promise<() => void>((resolve) =>
      host.paths.set("/slow.png", (_request, response) => resolve(() => void response.end(png(8, 8)))),
    );
    const leave = new AbortController();
    const left = settle([`${host.url}/slow.png`], leave.signal);
    const stayed = settle([`${host.url}/slow.png`]);
    const finish = await arrived;
    leave.abort(new Error("left"));
    await expect(left).rejects.toThrow("left");
    finish();
    expect(await stayed).toEqual([dataUri(png(8, 8))]);
    expect(host.seen).toHaveLength(1);
  });

  test("is not fetched on when the last who wanted it has left", async () => {
    const arrived = new Promise<void>((resolve) => host.paths.set("/never.png", () => resolve()));
    const closed = host.closed();
    const leave = new AbortController();
    const left = settler()([`${host.url}/never.png`], leave.signal);
    await arrived;
    leave.abort(new Error("left"));
    await expect(left).rejects.toThrow("left");
    await closed;
  });
});

describe("limits", () => {
  test("a host that says too much, or sends too much without saying, is cut off", async () => {
    const settle = settler({ set: { imageBytes: 10_000 } });
    host.paths.set("/said.png", file(Buffer.alloc(10_001)));
    host.paths.set("/sent.png", (_request, response) => {
      const more = (): void => void (response.destroyed || response.write(Buffer.alloc(4000), more));
      more();
    });
    await expect(settle([`${host.url}/said.png`])).rejects.toEqual(refusal("invalid_request", "imageBytes"));
    const closed = host.closed();
    await expect(settle([`${host.url}/sent.png`])).rejects.toEqual(refusal("invalid_request", "imageBytes"));
    await closed;
    expect(await settle([`${host.url}/a.png`])).toHaveLength(1);
  });

  test("imageBytes bounds data URIs as well", async () => {
    const large = dataUri(Buffer.concat([png(8, 8), Buffer.alloc(10_000)]));
    await expect(settler({ set: { imageBytes: 10_000 } })([large])).rejects.toEqual(
      refusal("invalid_request", "more than 0 MB|imageBytes"),
    );
    expect(await settler()([large])).toEqual([large]);
  });

  test("the images of a request are bounded together", async () => {
    host.paths.set("/large.png", file(Buffer.concat([png(8, 8), Buffer.alloc(18_000_000)])));
    const large = `${host.url}/large.png`;
    await expect(settler()([large, large])).rejects.toEqual(refusal("invalid_request", "together"));
  });

  test("imageDeadlineSeconds ends the wait for a host that is silent, and its connection", async () => {
    const clock = manualClock();
    const arrived = new Promise<void>((resolve) => host.paths.set("/never.png", () => resolve()));
    const closed = host.closed();
    const asked = settler({ clock, set: { imageDeadlineSeconds: 7 } })([`${host.url}/never.png`]);
    await arrived;
    clock.advance(7000);
    await expect(asked).rejects.toEqual(refusal("invalid_request", "pictures.example", "7 seconds"));
    await closed;
    expect(clock.timers()).toBe(0);
  });

  test("what cannot be had says why, and repeats no more of the address than its host", async () => {
    const asked = settler()([`${host.url}/missing.png?token=secret`]);
    await expect(asked).rejects.toEqual(refusal("invalid_request", "pictures.example", "404", "data URI"));
    await expect(asked).rejects.toEqual(
      expect.objectContaining({ message: expect.not.stringMatching(/secret|missing/) }),
    );
    const closed = createServer().listen(0, "127.0.0.1");
    await once(closed, "listening");
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    await expect(settler()([`http://off.example:${port}/a.png`])).rejects.toEqual(
      refusal("invalid_request", "off.example", "could not be reached"),
    );
  });

  test("fetchImages off, offline and behind a proxy nothing is asked for; data URIs work on", async () => {
    const image = dataUri(png(8, 8));
    for (const [settle, reason] of [
      [settler({ set: { fetchImages: false } }), "fetchImages"],
      [settler({ unreachable: "offline" }), "offline"],
      [settler({ unreachable: "proxy" }), "proxy"],
    ] as const) {
      await expect(settle([`${host.url}/a.png`])).rejects.toEqual(refusal("unsupported", reason));
      expect(await settle([image])).toEqual([image]);
    }
    expect([host.seen, host.asked]).toEqual([[], []]);
  });
});

describe("what is not on the public internet", () => {
  test.each([
    ["a private address", ["10.0.0.1"]],
    ["the clouds' metadata", ["169.254.169.254"]],
    ["one private address among public ones", ["127.0.0.1", "192.168.0.1"]],
    ["loopback as IPv6", ["::1"]],
    ["loopback hidden in IPv6", ["::ffff:127.0.0.1"]],
    ["nothing", []],
  ])("a name that is %s is refused before anybody is asked", async (_, addresses) => {
    host.names.set("trick.example", () => addresses);
    await expect(settler()([`http://trick.example:${host.port}/a.png`])).rejects.toEqual(
      refusal("unsupported", "not on the public internet", "data URI"),
    );
    expect(host.seen).toEqual([]);
  });

  test.each(["127.0.0.1", "localhost", "[::1]", "2130706433", "[::ffff:7f00:1]", "0.0.0.0"])(
    "a service of this machine is never asked as %s",
    async (name) => {
      const settle = settler({ network: undefined });
      await expect(settle([`http://${name}:${host.port}/a.png`])).rejects.toEqual(refusal("unsupported", "not on the"));
      expect(host.seen).toEqual([]);
    },
  );

  test("a name that points elsewhere after it was checked is connected to where it was checked", async () => {
    const answers = [["127.0.0.1"], ["10.0.0.1"], ["10.0.0.1"]];
    host.names.set("rebinding.example", () => answers.shift() ?? []);
    expect(await settler()([`http://rebinding.example:${host.port}/a.png`])).toHaveLength(1);
    expect(host.asked).toEqual(["rebinding.example"]);
  });

  test("redirects are followed, each checked like the first address", async () => {
    const to = (location: string) => (_request: unknown, response: ServerResponse) =>
      void response.writeHead(302, { location }).end();
    host.names.set("inside.example", () => ["192.168.1.1"]);
    host.paths.set("/moved", to("/a.png"));
    host.paths.set("/inside", to(`http://inside.example:${host.port}/a.png`));
    host.paths.set("/literal", to(`http://127.0.0.1:${host.port}/a.png`));
    host.paths.set("/file", to("file:///etc/passwd"));
    host.paths.set("/login", to(`http://user:secret@pictures.example:${host.port}/a.png`));
    host.paths.set("/nowhere", (_request, response) => void response.writeHead(302).end());
    host.paths.set("/round", to("/round"));
    expect(await settler()([`${host.url}/moved`])).toHaveLength(1);
    for (const [path, code, reason] of [
      ["/inside", "unsupported", "not on the public internet"],
      ["/literal", "unsupported", "not on the public internet"],
      ["/file", "unsupported", "http or https"],
      ["/login", "invalid_request", "login"],
      ["/nowhere", "invalid_request", "nowhere"],
      ["/round", "invalid_request", "more than 3 times"],
    ] as const) {
      await expect(settler()([`${host.url}${path}`])).rejects.toEqual(refusal(code, reason));
    }
    expect(host.seen.filter(({ url }) => url === "/a.png")).toHaveLength(1);
  });
});
