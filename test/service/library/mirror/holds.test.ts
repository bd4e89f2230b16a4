import { expect, test } from "@jest/globals";
import { createHolds } from "../../../../service/src/library/mirror/holds.ts";
import { handClock } from "../parts.ts";

function world() {
  const clock = handClock();
  const told: string[] = [];
  const hold = (id: string, revision: string) => {
    told.push(`hold ${id}@${revision}`);
    return () => void told.push(`free ${id}@${revision}`);
  };
  return { clock, told, holds: createHolds({ hold, clock }) };
}

test("readers of one revision share a lease, which outlives the last of them for a moment", async () => {
  const { clock, told, holds } = world();
  const first = holds.take("own/a", "1");
  const second = holds.take("own/a", "1");
  holds.take("own/a", "2");
  first();
  first();
  expect(clock.waiting()).toEqual([]);
  second();
  expect(clock.waiting()).toEqual([5000]);
  const third = holds.take("own/a", "1");
  expect(clock.waiting()).toEqual([]);
  third();
  await clock.pass();
  expect(told).toEqual(["hold own/a@1", "hold own/a@2", "free own/a@1"]);
});

test("all of them end with the service", () => {
  const { clock, told, holds } = world();
  holds.take("own/a", "1");
  holds.take("own/b", "1")();
  holds.close();
  expect(told.slice(2).sort()).toEqual(["free own/a@1", "free own/b@1"]);
  expect(clock.waiting()).toEqual([]);
});
