import { expect, test } from "@jest/globals";
import { createNamedKeys } from "../../../../service/src/core/auth/index.ts";
import { hashOf } from "../../../../service/src/core/auth/keys.ts";
import { coreWorld } from "../core-world.ts";

const wish = { name: "ci", scope: "inference", models: null, requestsPerMinute: null } as const;

function world() {
  const core = coreWorld();
  return { ...core, keys: createNamedKeys(core), stored: () => core.database.prepare("SELECT * FROM api_keys").all() };
}

test("a key has 256 random bits, is told once, and only its hash is kept", () => {
  const { keys, stored, logged, database } = world();
  const { key } = keys.create(wish);
  expect(key).toMatch(/^mlxm_[\w-]{43}$/);
  expect(keys.find(hashOf(key))).toMatchObject({ scope: "inference", key: { models: null } });
  expect([keys.find(hashOf(`${key}x`)), keys.find(hashOf(""))]).toEqual([null, null]);
  for (const text of [
    JSON.stringify([stored(), logged, keys.list({ revoked: true })]),
    database.serialize().toString("latin1"),
  ])
    expect(text).not.toContain(key.slice(5));
  keys.close();
});

test("keys work after a restart, revoked ones do not, and their names are free again", () => {
  const { keys, ...core } = world();
  const first = keys.create(wish);
  expect(() => keys.create(wish)).toThrow('There is an API key "ci" already.');
  keys.revoke(first.id);
  const second = keys.create({ ...wish, scope: "admin" });
  keys.close();
  const again = createNamedKeys(core);
  expect([again.find(hashOf(first.key)), again.find(hashOf(second.key))?.scope, again.exist()]).toEqual([
    null,
    "admin",
    true,
  ]);
  expect(again.list({ revoked: true }).items.map(({ name, revokedAt }) => [name, revokedAt === null])).toEqual([
    ...[
      ["ci", false],
      ["ci", true],
    ],
  ]);
  expect(() => again.revoke("key_nothing")).toThrow("There is no such API key.");
  again.revoke(second.id);
  expect([again.exist(), again.list({ revoked: false }).items]).toEqual([false, []]);
  again.close();
});

test("when a key was last used is known at once and written some seconds later, once for many uses", () => {
  const { clock, keys, stored } = world();
  const { key } = keys.create(wish);
  clock.advance(1000);
  for (let use = 0; use < 5; use += 1) keys.find(hashOf(key));
  expect(keys.list({ revoked: false }).items[0]?.lastUsedAt).toBe("2026-01-01T00:00:01.000Z");
  expect(stored()).toMatchObject([{ last_used_at: null }]);
  clock.advance(10_000);
  expect(stored()).toMatchObject([{ last_used_at: "2026-01-01T00:00:01.000Z" }]);
  keys.find(hashOf(key));
  keys.close();
  expect(stored()).toMatchObject([{ last_used_at: "2026-01-01T00:00:11.000Z" }]);
  expect(clock.timers()).toBe(0);
});

test("a limit lets its number through in a minute, tells when to come back, and never counts a refusal", () => {
  const { clock, keys } = world();
  const { key } = keys.create({ ...wish, requestsPerMinute: 2 });
  const admit = () => keys.find(hashOf(key))?.key.admit();
  admit();
  admit();
  for (let refused = 0; refused < 3; refused += 1)
    expect(admit).toThrow(
      expect.objectContaining({ code: "rate_limited", details: { requestsPerMinute: 2, retryAfterSeconds: 30 } }),
    );
  clock.advance(29_000);
  expect(admit).toThrow("Try again in 1 s.");
  clock.advance(1000);
  admit();
  expect(admit).toThrow();
  clock.advance(10 * 60_000);
  admit();
  admit();
  expect(admit).toThrow();
  keys.close();
});
