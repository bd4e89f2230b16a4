import { describe, expect, test } from "@jest/globals";
import { ProfileCreate } from "../../../../service/src/contract/profiles.ts";
import { createKeyedProfiles, createRemoteKeys } from "../../../../service/src/serving/profiles/index.ts";
import { createWorld, demo } from "./profiles-world.ts";

const key = "sk-not-to-be-seen-anywhere";
const remote = { baseUrl: "https://api.example.com/v1/", model: "gpt-x" };
const remoteRequest = (changes: object = {}) =>
  ProfileCreate.parse({ slug: "cloud", kind: "remote", remote, ...changes });
const cluster = {
  hosts: [
    { host: "127.0.0.1", ips: ["127.0.0.1"] },
    { host: "127.0.0.1", ips: ["127.0.0.1"] },
  ],
  ...{ mode: "tensor", backend: "ring" },
};

function keyedWorld(...ids: string[]) {
  const world = createWorld(...ids);
  const stored = new Map<string, string>();
  const keys = createRemoteKeys({
    get: async (name) => stored.get(name) ?? null,
    set: async (name, value) => void stored.set(name, value),
    remove: async (name) => void stored.delete(name),
  });
  return { ...world, stored, keys, keyed: createKeyedProfiles(world.profiles, keys) };
}

describe("remote profiles", () => {
  test("need no model here: the name there says what they stand for, and the slug is resolved", () => {
    const { profiles } = createWorld();
    const profile = profiles.create(remoteRequest());
    expect(profile).toMatchObject({
      ...{ kind: "remote", engine: "remote", model: "remote/gpt-x" },
      remote: { baseUrl: "https://api.example.com/v1", model: "gpt-x", hasKey: false },
    });
    expect(profiles.resolve("cloud").profile.id).toBe(profile.id);
    const other = remoteRequest({ slug: "peer", remote: { ...remote, model: "mlx-community/Qwen3-4B-4bit" } });
    expect(profiles.create(other).model).toBe("mlx-community/Qwen3-4B-4bit");
  });

  test("a key is stored apart: the profile, its events and its export say only that there is one", async () => {
    const { keyed, profiles, keys, events, stored } = keyedWorld();
    const profile = await keyed.create(remoteRequest({ remoteKey: key }));
    expect(profile.remote).toEqual({ baseUrl: "https://api.example.com/v1", model: "gpt-x", hasKey: true });
    expect(JSON.stringify([profile, profiles.all(), events, profiles.export(profile.id)])).not.toContain(key);
    expect([...stored.values()].join()).toContain(key);
    expect(await keys.load(profile.id, remote)).toBe(key);
    expect(profiles.export(profile.id).profile.remote).toEqual({ baseUrl: profile.remote!.baseUrl, model: "gpt-x" });
  });

  test("a key is given out for its own host alone, and asked for again when the host changes", async () => {
    const { keyed, keys } = keyedWorld();
    const { id } = await keyed.create(remoteRequest({ remoteKey: key }));
    const elsewhere = { baseUrl: "https://elsewhere.example.com/v1", model: "gpt-x" };
    expect(await keys.load(id, elsewhere)).toBeNull();
    await expect(keyed.update(id, { remote: elsewhere })).rejects.toMatchObject({ code: "invalid_request" });
    expect((await keyed.update(id, { remote: { ...remote, model: "gpt-y" } })).remote!.hasKey).toBe(true);
    expect((await keyed.update(id, { remote: elsewhere, remoteKey: "new" })).remote!.hasKey).toBe(true);
    expect(await keys.load(id, elsewhere)).toBe("new");
    expect((await keyed.update(id, { remoteKey: null })).remote!.hasKey).toBe(false);
    expect(await keys.load(id, elsewhere)).toBeNull();
  });

  test("a copy has the key too, and a removed profile leaves none", async () => {
    const { keyed, keys, stored } = keyedWorld();
    const { id } = await keyed.create(remoteRequest({ remoteKey: key }));
    const copy = await keyed.duplicate(id, { slug: "copy" });
    expect([copy.remote!.hasKey, await keys.load(copy.id, remote)]).toEqual([true, key]);
    await keyed.remove(id);
    await keyed.remove(copy.id);
    expect(stored.size).toBe(0);
  });

  test("a key that cannot be stored leaves no profile behind", async () => {
    const { profiles } = createWorld();
    const refuse = async () => Promise.reject(new Error("the store is closed"));
    const keyed = createKeyedProfiles(profiles, createRemoteKeys({ get: refuse, set: refuse, remove: refuse }));
    await expect(keyed.create(remoteRequest({ remoteKey: key }))).rejects.toThrow("the store is closed");
    expect(profiles.all()).toEqual([]);
  });

  test.each([
    ["http://api.example.com/v1", false],
    ["http://8.8.8.8/v1", false],
    ["http://192.168.1.7:11535/v1", true],
    ["http://studio.local:11535/v1", true],
    ["http://[::1]:1/v1", true],
    ["https://api.example.com/v1", true],
  ])("a key for %s is taken: %s", async (baseUrl, isTaken) => {
    const { keyed } = keyedWorld();
    const request = keyed.create(remoteRequest({ remote: { baseUrl, model: "m" }, remoteKey: key }));
    const outcome = await request.then(
      () => true,
      (error: unknown) => error,
    );
    expect(outcome).toEqual(isTaken ? true : expect.objectContaining({ code: "invalid_request" }));
  });

  test.each([
    [{ remote: { ...remote, baseUrl: "https://name:word@example.com/v1" } }],
    [{ remote: { ...remote, baseUrl: "https://example.com/v1?key=1" } }],
    [{ remote: { ...remote, headers: { Authorization: "Bearer x" } } }],
    [{ remote: null }],
    [{ cluster }],
    [{ limits: { contextTokens: 4096 } }],
    [{ engineOptions: { kvBits: 4 } }],
    [{ kind: "process", model: demo }],
  ])("refuses what does not go together: %j", (changes) => {
    const { profiles } = createWorld(demo);
    expect(() => profiles.create(remoteRequest(changes))).toThrow(expect.objectContaining({ code: "invalid_request" }));
  });
});

describe("cluster profiles", () => {
  const request = (changes: object = {}) =>
    ProfileCreate.parse({ slug: "both", model: demo, kind: "cluster", cluster, ...changes });

  test("keep their hosts, and wait for a restart when these change", () => {
    const { profiles, serving } = createWorld(demo);
    const profile = profiles.create(request());
    expect(profile).toMatchObject({ kind: "cluster", cluster, engine: "mlx-lm" });
    serving.set(profile.id, [profile]);
    const changed = profiles.update(profile.id, { cluster: { ...profile.cluster!, mode: "pipeline" } });
    expect(profiles.viewChange(changed)).toMatchObject({ needsRestart: true, restartKeys: ["cluster"] });
  });

  const [here, there] = [
    { host: "127.0.0.1", ips: ["10.0.0.1"] },
    { host: "studio.local", ips: ["10.0.0.2"] },
  ];
  test.each([
    ["another machine first", { cluster: { ...cluster, hosts: [there, here] } }],
    ["no address that others reach", { cluster: { ...cluster, hosts: [cluster.hosts[0], there] } }],
    ["a host twice", { cluster: { ...cluster, hosts: [here, there, there] } }],
    ["JACCL without devices", { cluster: { ...cluster, backend: "jaccl", hosts: [here, there] } }],
    ["no hosts", { cluster: null }],
    ["an adapter", { engineOptions: { adapterPath: "/a" } }],
    ["a draft model", { engineOptions: { draftModel: demo } }],
    ["a remote address", { remote }],
  ])("refuses %s", (_what, changes) => {
    const { profiles } = createWorld(demo);
    expect(() => profiles.create(request(changes))).toThrow(expect.objectContaining({ code: "invalid_request" }));
  });
});
