import { describe, expect, test } from "@jest/globals";
import { ProfileCreate } from "../../../../service/src/contract/profiles.ts";
import { createWorld, demo, other } from "./profiles-world.ts";

describe("profiles", () => {
  test("every model gets one implicit profile when it is seen, and loses it with the model", () => {
    const world = createWorld();
    world.see(demo);
    world.see(demo);
    world.see(other);
    const implicit = world.profiles.list({ limit: 50, implicit: true }).items;
    expect(implicit.map(({ model }) => model).sort()).toEqual([other, demo]);
    world.forget(other);
    expect(world.profiles.all().map(({ model }) => model)).toEqual([demo]);
    expect(world.events.map(({ type }) => type)).toEqual(["profile.changed", "profile.changed", "profile.removed"]);
  });

  test("a restart gives models their rows and takes untouched rows of models that are gone", () => {
    const world = createWorld();
    world.see(demo);
    world.see(other);
    world.tick();
    world.profiles.update(world.profiles.implicitFor(other).id, { sampling: { temperature: 0 } });
    world.here.clear();
    world.here.set("a/b", { id: "a/b", demo: false, complete: true, addedAt: "2026-01-01T00:00:00.000Z" });
    world.profiles.recover();
    // What a person has set survives a disk that is not mounted.
    expect(
      world.profiles
        .all()
        .map(({ model }) => model)
        .sort(),
    ).toEqual(["a/b", other]);
    expect(() => world.profiles.resolve(other)).toThrow(expect.objectContaining({ code: "model_not_found" }));
  });

  test("a created profile answers to its slug with zero kept as a value", () => {
    const world = createWorld(demo);
    const created = world.profiles.create(
      ProfileCreate.parse({ slug: "calm", model: demo, sampling: { temperature: 0 }, systemPrompt: "Be brief." }),
    );
    expect(world.profiles.resolve("calm")).toEqual({ profile: created, revision: "main", by: "slug" });
    expect(world.profiles.get(created.id)).toEqual(created);
    expect(created).toMatchObject({ name: "calm", implicit: false, sampling: { temperature: 0 } });
  });

  test("a profile needs a model that is here", () => {
    const world = createWorld(demo);
    expect(() => world.profiles.create(ProfileCreate.parse({ slug: "x", model: other }))).toThrow(
      expect.objectContaining({ code: "model_not_found" }),
    );
    const { id } = world.profiles.create(ProfileCreate.parse({ slug: "x", model: demo }));
    expect(() => world.profiles.update(id, { model: other })).toThrow(
      expect.objectContaining({ code: "model_not_found" }),
    );
  });

  test("a slug that a profile or an alias has is a conflict", () => {
    const world = createWorld(demo);
    world.settings.aliases = { fast: demo };
    world.profiles.create(ProfileCreate.parse({ slug: "calm", model: demo }));
    const second = world.profiles.create(ProfileCreate.parse({ slug: "second", model: demo }));
    for (const slug of ["calm", "fast"]) {
      const refused = expect.objectContaining({ code: "conflict" });
      expect(() => world.profiles.create(ProfileCreate.parse({ slug, model: demo }))).toThrow(refused);
      expect(() => world.profiles.update(second.id, { slug })).toThrow(refused);
      expect(() => world.profiles.duplicate(second.id, { slug })).toThrow(refused);
    }
    expect(world.profiles.update(second.id, { slug: "second" }).slug).toBe("second");
  });

  test("an alias that another rule answers is refused, one that was there before is left alone", () => {
    const world = createWorld(demo);
    world.profiles.create(ProfileCreate.parse({ slug: "calm", model: demo }));
    const refused = expect.objectContaining({ code: "conflict" });
    expect(() => world.patch({ aliases: { calm: demo } })).toThrow(refused);
    expect(() => world.patch({ aliases: { [demo]: "calm" } })).toThrow(refused);
    expect(() => world.patch({ aliases: { "anthropic/calm": demo } })).toThrow(refused);
    world.patch({ aliases: { [other]: "calm" } });
    world.see(other);
    expect(() => world.patch({ stopGraceSeconds: 3 })).not.toThrow();
  });

  test("deleting is refused while it serves, and for a model's own profile", () => {
    const world = createWorld(demo);
    const { id } = world.profiles.create(ProfileCreate.parse({ slug: "calm", model: demo }));
    world.serving.set(id, [world.profiles.get(id)]);
    expect(() => world.profiles.remove(id)).toThrow(expect.objectContaining({ code: "conflict" }));
    world.serving.clear();
    expect(world.profiles.remove(id).slug).toBe("calm");
    expect(() => world.profiles.get(id)).toThrow(expect.objectContaining({ code: "not_found" }));
    const own = world.profiles.implicitFor(demo);
    expect(() => world.profiles.remove(own.id)).toThrow(expect.objectContaining({ code: "conflict" }));
  });

  test("a model's own profile takes options but neither slug nor another model; its copy does", () => {
    const world = createWorld(demo, other);
    const own = world.profiles.implicitFor(demo);
    expect(world.profiles.update(own.id, { engineOptions: { promptCacheSize: 2 } }).engineOptions).toEqual({
      promptCacheSize: 2,
    });
    expect(() => world.profiles.update(own.id, { slug: "mine" })).toThrow(
      expect.objectContaining({ code: "conflict" }),
    );
    expect(() => world.profiles.update(own.id, { model: other })).toThrow(
      expect.objectContaining({ code: "conflict" }),
    );
    const copy = world.profiles.duplicate(own.id, { slug: "mine" });
    expect(copy).toMatchObject({ slug: "mine", implicit: false, engineOptions: { promptCacheSize: 2 } });
    expect(world.profiles.update(copy.id, { model: other }).model).toBe(other);
  });

  test("a default that is set but gone is named instead of replaced", () => {
    const world = createWorld(demo);
    expect(world.profiles.defaultModel()).toBe(demo);
    world.settings.defaultModel = other;
    expect(() => world.profiles.resolve(null)).toThrow(/default model "mlx-community\/Qwen3-4B-4bit"/);
  });

  test("lists are paged, newest first", () => {
    const world = createWorld(demo);
    for (const slug of ["a", "b", "c"]) {
      world.tick();
      world.profiles.create(ProfileCreate.parse({ slug, model: demo }));
    }
    const first = world.profiles.list({ limit: 2, implicit: false });
    expect(first.items.map(({ slug }) => slug)).toEqual(["c", "b"]);
    const rest = world.profiles.list({ limit: 2, implicit: false, cursor: first.nextCursor ?? "" });
    expect([rest.items.map(({ slug }) => slug), rest.nextCursor]).toEqual([["a"], null]);
  });
});
