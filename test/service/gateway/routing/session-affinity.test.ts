import { describe, expect, test } from "@jest/globals";
import { withBegunRevision } from "../../../../service/src/gateway/routing/begun-with.ts";
import { createSessionAffinity } from "../../../../service/src/gateway/routing/session-affinity.ts";
import { testProfile } from "../gateway-bench.ts";

const key = { session: "s", name: "coder" };
const begun = { profileId: "profile_demo", revision: "old" };

describe("where sessions began", () => {
  test("is kept apart by session and name, and is what was noted last", () => {
    const sessions = createSessionAffinity();
    sessions.note(key, begun);
    sessions.note({ ...key, name: null }, { profileId: "b", revision: null });
    expect(sessions.find(key)).toEqual(begun);
    expect(sessions.find({ ...key, name: null })?.profileId).toBe("b");
    for (const other of [{ session: "t" }, { name: "x" }]) expect(sessions.find({ ...key, ...other })).toBeNull();
    sessions.note(key, { profileId: "b", revision: null });
    expect(sessions.find(key)?.profileId).toBe("b");
  });

  test("is forgotten of the session that was longest silent", () => {
    const sessions = createSessionAffinity(2);
    const of = (session: string) => ({ ...key, session });
    for (const session of ["a", "b", "a", "c"]) sessions.note(of(session), begun);
    expect(["a", "b", "c"].filter((session) => sessions.find(of(session)) !== null)).toEqual(["a", "c"]);
  });

  const profile = testProfile({});
  const pool = (revision: string, state = "ready") => ({
    pool: { loaded: () => [{ profileId: profile.id, revision, state, kind: "process", inFlight: 0 }] as never },
  });
  const main = { profile, revision: "main" };
  test("holds a session at its revision while that is loaded, and at no other", () => {
    expect(withBegunRevision(pool("old"), begun, main).revision).toBe("old");
    expect(withBegunRevision(pool("new"), begun, main).revision).toBe("main");
    expect(withBegunRevision(pool("old", "stopping"), begun, main).revision).toBe("main");
    expect(withBegunRevision(pool("old"), null, main).revision).toBe("main");
    expect(withBegunRevision(pool("old"), begun, { profile, revision: "pinned" }).revision).toBe("pinned");
    expect(withBegunRevision(pool("old"), { ...begun, profileId: "other" }, main).revision).toBe("main");
  });
});
