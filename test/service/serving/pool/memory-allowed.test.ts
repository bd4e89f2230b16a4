import { afterEach, expect, test } from "@jest/globals";
import { createWorld, inState, never } from "./pool-world.ts";

let world: ReturnType<typeof createWorld>;
afterEach(() => world.end());

test("limits.memoryBytes stops an engine that takes more, with the numbers", async () => {
  world = createWorld({ flags: { footprintBytes: 3e9, memoryIntervalMs: 50 } });
  const allowed = world.add("allowed", 1e9, { limits: { memoryBytes: 4_000_000_000 } });
  const held = world.add("held", 1e9, { limits: { memoryBytes: 2_000_000_000 } });
  const lease = await world.pool.ensureReady(allowed, never);
  const other = await world.pool.ensureReady(held, never);
  const failed = await world.event(inState("failed"));
  expect(failed.data).toMatchObject({
    id: other.serverId,
    lastError: {
      code: "insufficient_memory",
      message: expect.stringContaining("it took 3.0 GB of memory, its profile allows 2.0 GB"),
      details: { footprintBytes: 3e9, allowedBytes: 2e9 },
    },
  });
  expect(world.pool.get(lease.serverId).state).toBe("ready");
});
