import * as z from "zod";
import { MemoryReading } from "../../../../contract/servers.ts";

export const controlProtocol = 1;

const Count = z.number().nonnegative();

/** What a launcher says on its control stream; keys that we do not know are dropped, kinds that we do not know skipped. */
export const ControlMessage = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("hello"),
    protocol: z.int(),
    pid: z.int().positive(),
    token: z.string().min(16).max(512),
    engine: z.string().optional(),
    engineVersion: z.string().optional(),
    pythonVersion: z.string().optional(),
  }),
  z.object({ type: z.literal("listening"), port: z.int().min(1).max(65_535) }),
  z.object({
    type: z.literal("loading"),
    phase: z.string().max(60),
    done: Count.nullish(),
    total: Count.nullish(),
  }),
  z.object({
    type: z.literal("ready"),
    contextLength: z.int().positive().nullish(),
    vocabularySize: z.int().positive().nullish(),
  }),
  z.object({ type: z.literal("memory"), ...MemoryReading.shape }),
  z.object({
    type: z.literal("fatal"),
    code: z.string().max(60),
    message: z.string().max(20_000),
    traceback: z.string().default(""),
  }),
]);
export type ControlMessage = z.infer<typeof ControlMessage>;
export type ControlMessageOf<Type extends ControlMessage["type"]> = Extract<ControlMessage, { type: Type }>;

export const controlTypes: ReadonlySet<string> = new Set(ControlMessage.options.map(({ shape }) => shape.type.value));
