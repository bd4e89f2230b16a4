import { createServer, get } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import express from "express";
import { createInFlight } from "../../service/src/platform/http/in-flight.ts";
import type { InFlight } from "../../service/src/platform/http/in-flight.ts";
import { drain } from "../../service/src/shutdown.ts";
import { manualClock } from "../tools/manual-clock.ts";

let inFlight: InFlight;
let finish: () => void;
let end: () => Promise<void>;
const never = new Promise<never>(() => undefined);

/** One answer is being given, until it is finished. */
beforeEach(async () => {
  inFlight = createInFlight();
  const begun = Promise.withResolvers<void>();
  const app = express();
  app.use(inFlight.handler, (_request, response) => {
    finish = () => void response.end();
    begun.resolve();
  });
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  get(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, (response) => response.resume()).on(
    "error",
    () => undefined,
  );
  await begun.promise;
  end = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  };
});
afterEach(() => end());

function begin(hurry: Promise<unknown> = never) {
  const clock = manualClock();
  let cuts = 0;
  const done = drain({ clock, drainMs: 15_000, inFlight, cutAnswers: () => (cuts += 1), hurry });
  return { clock, done, cuts: () => cuts };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test("a running answer has fifteen seconds, then it is cut and has one more to say so", async () => {
  const { clock, done, cuts } = begin();
  clock.advance(14_999);
  await turn();
  expect(cuts()).toBe(0);
  clock.advance(1);
  await turn();
  expect(cuts()).toBe(1);
  clock.advance(1000);
  await done;
  expect(inFlight.count()).toBe(1);
});

test("an answer that ends in time is not cut, and nobody waits on", async () => {
  const { done, cuts } = begin();
  finish();
  await done;
  expect([cuts(), inFlight.count()]).toEqual([0, 0]);
});

test("a second signal cuts it at once", async () => {
  const { done, cuts } = begin(Promise.resolve());
  await turn();
  expect(cuts()).toBe(1);
  finish();
  await done;
  expect(inFlight.count()).toBe(0);
});
