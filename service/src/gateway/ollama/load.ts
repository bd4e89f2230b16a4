import type { ServerResponse } from "node:http";
import { deliverStream } from "../deliver-stream.ts";
import { loadModel } from "../load-model.ts";
import type { EndpointInput } from "../answer.ts";
import type { Part } from "../parts.ts";
import type { AnswerShape } from "./answer-shapes.ts";
import type { OllamaDependencies } from "./dependencies.ts";
import { unloadIdle } from "./keep-alive.ts";
import { startStopwatch } from "./stopwatch.ts";
import { createLineWriter } from "./writer.ts";

export interface LoadWish {
  readonly model: string | null;
  readonly stream: boolean;
  /** How long it stays; 0: unload it. */
  readonly keepMs: number | undefined;
}

/** A question without a text only loads a model, or unloads it. @throws AppError why it cannot be loaded. */
export async function loadAlone(
  dependencies: OllamaDependencies,
  { asker, signal, track }: EndpointInput,
  { model, stream, keepMs }: LoadWish,
  shape: AnswerShape,
  response: ServerResponse,
): Promise<void> {
  const { clock, log, pool, profiles } = dependencies;
  const watch = startStopwatch(clock, track);
  const { profile, revision } = profiles.resolve(model);
  watch.track.resolved(profile);
  const keep = keepMs !== 0;
  const name = model ?? profile.slug ?? profile.model;
  const writer = createLineWriter({
    ...{ model: name, shape, clock, counts: watch.counts, doneReason: keep ? "load" : "unload" },
  });
  const parts = async function* (): AsyncGenerator<readonly Part[]> {
    if (keep) {
      const lease = yield* loadModel(pool, { profile, revision, client: asker.client, keepMs }, signal);
      watch.track.leased(lease);
      lease.release();
    } else unloadIdle(dependencies, profile);
    yield [{ type: "finish", reason: "stop" }];
  };
  if (stream) {
    const { see: onParts, failed: onFailure } = watch.track;
    return deliverStream(response, parts(), writer, { clock, log, signal, onParts, onFailure });
  }
  let body = "";
  for await (const array of parts()) {
    watch.track.see(array);
    body += writer.write(array);
  }
  response.writeHead(200, { "content-type": "application/json; charset=utf-8" });
  response.end(body);
}
