import * as z from "zod";
import type { ModelTask } from "../../../contract/engine-capabilities.ts";
import type { EngineId } from "../../../contract/engines.ts";

/** The least that can be asked of a server, always in the same words. */
export interface ProbeQuestion {
  readonly path: string;
  readonly contentType: string;
  readonly body: string | Buffer;
  /** What comes back from one that lives. */
  readonly result: string;
  isAnswer(answer: unknown): boolean;
}

const model = "default_model";
const json = "application/json";

const Token = z.object({
  choices: z.array(z.object({ finish_reason: z.string().nullish() })).min(1),
  usage: z.object({ completion_tokens: z.number() }).nullish(),
});
const Embeddings = z.object({ data: z.array(z.object({ embedding: z.array(z.number()).min(1) })).min(1) });
/** Of silence it may be empty. */
const Transcription = z.object({ text: z.string() });

const boundary = "mlx-manager-probe";

const token: Pick<ProbeQuestion, "contentType" | "result" | "isAnswer"> = {
  contentType: json,
  result: "token",
  isAnswer(answer) {
    const parsed = Token.safeParse(answer);
    return parsed.success && (parsed.data.usage?.completion_tokens ?? 1) > 0;
  },
};
// Each new prompt would take a place in the engine's prompt cache.
const leastOfChat = { model, max_tokens: 1, temperature: 0, stream: false };

/** One word: a conversation is a dozen tokens of its template, and each is paid for before the first client's. */
const text: ProbeQuestion = {
  ...{ ...token, path: "/v1/completions" },
  body: JSON.stringify({ ...leastOfChat, prompt: "Hi" }),
};

const questions: Readonly<Record<ModelTask, ProbeQuestion>> = {
  chat: {
    ...{ ...token, path: "/v1/chat/completions" },
    body: JSON.stringify({ ...leastOfChat, messages: [{ role: "user", content: "Hi" }] }),
  },
  embeddings: {
    ...{ path: "/v1/embeddings", contentType: json, result: "vector" },
    body: JSON.stringify({ model, input: ["Hi"], encoding_format: "float" }),
    isAnswer: (answer) => Embeddings.safeParse(answer).success,
  },
  transcription: {
    ...{ path: "/v1/audio/transcriptions", contentType: `multipart/form-data; boundary=${boundary}`, result: "text" },
    body: formWith(silence(0.1)),
    isAnswer: (answer) => Transcription.safeParse(answer).success,
  },
};

/** A model without a chat template is asked in its own way too: `mlx-lm` alone writes on from a text. */
export function probeQuestion(engine: EngineId, task: ModelTask): ProbeQuestion {
  return engine === "mlx-lm" && task === "chat" ? text : questions[task];
}

function formWith(sound: Buffer): Buffer {
  const part = (header: string) => `--${boundary}\r\nContent-Disposition: form-data; ${header}\r\n`;
  return Buffer.concat([
    Buffer.from(`${part('name="model"')}\r\n${model}\r\n${part('name="response_format"')}\r\njson\r\n`),
    Buffer.from(`${part('name="file"; filename="silence.wav"')}Content-Type: audio/wav\r\n\r\n`),
    ...[sound, Buffer.from(`\r\n--${boundary}--\r\n`)],
  ]);
}

/** WAV of 16 kHz, 16 bits, one channel. */
function silence(seconds: number): Buffer {
  const rate = 16_000;
  const data = Buffer.alloc(Math.round(rate * seconds) * 2);
  const header = Buffer.alloc(44);
  header.write("RIFF", 0, "ascii");
  header.writeUInt32LE(36 + data.length, 4);
  header.write("WAVEfmt ", 8, "ascii");
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write("data", 36, "ascii");
  header.writeUInt32LE(data.length, 40);
  return Buffer.concat([header, data]);
}
