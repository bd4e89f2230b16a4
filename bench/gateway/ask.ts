// The client: as cheap as it can be, since it shares the processors with what it measures.
import { Agent, request } from "node:http";
import type { Contender } from "./contender.ts";

/** What the scripted engine shall do; a real engine takes it for an odd question. */
export interface Script {
  readonly tokens: number;
  /** 50 tokens a second in place of full speed. */
  readonly paced?: boolean;
  /** Ends the connection after so many, as the death of the process does. */
  readonly diesAfter?: number;
  /** Says no more after so many. */
  readonly stallsAfter?: number;
  /** Takes the request and says nothing. */
  readonly hangs?: boolean;
  /** Reads the prompt so long, with a comment for every tenth of it. */
  readonly prefillMs?: number;
}

export interface Timed {
  /** Until the first token; of a whole answer, until its end. */
  readonly firstMs: number;
  readonly totalMs: number;
}

const agents = new Map<string, Agent>();
const tail = 300;

/** Keeps connections to each contender, as every client library does. */
function agentOf(url: string): Agent {
  const agent = agents.get(url) ?? new Agent({ keepAlive: true, maxSockets: 64 });
  agents.set(url, agent);
  return agent;
}

export function questionBody(model: string, script: Partial<Script>, isStream: boolean, extra: object = {}): string {
  const messages = [{ role: "user", content: JSON.stringify(script) }];
  // A real engine has to be told; a long answer would not fit into its context.
  const limit = script.tokens !== undefined && script.tokens <= 64 ? { max_tokens: script.tokens } : {};
  return JSON.stringify({ model, stream: isStream, messages, temperature: 0, ...limit, ...extra });
}

/** Asks once. @throws for every answer that is not whole: a figure of a failure is none */
export function ask(
  contender: Contender,
  script: Script,
  { isStream, onToken }: { isStream: boolean; onToken?: (at: number, count: number) => void },
): Promise<Timed> {
  const body = questionBody(contender.model, script, isStream);
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const sent = request(`${contender.url}/v1/chat/completions`, {
      method: "POST",
      agent: agentOf(contender.url),
      headers: {
        ...contender.headers,
        "content-type": "application/json",
        "content-length": Buffer.byteLength(body),
      },
    });
    sent.once("error", reject);
    sent.once("response", (response) => {
      let firstMs = 0;
      let last = "";
      response.on("data", (bytes: Buffer) => {
        const now = performance.now();
        if (onToken) {
          const count = tokensIn(bytes);
          if (count > 0) onToken(now, count);
        }
        if (firstMs === 0 && (!isStream || /"content": ?"[^"]/.test(bytes.toString("latin1")))) firstMs = now - began;
        last = (last + bytes.toString("latin1", Math.max(0, bytes.length - tail))).slice(-tail);
      });
      response.once("error", reject);
      response.once("end", () => {
        const isWhole = response.statusCode === 200 && (!isStream || last.includes("[DONE]"));
        if (isWhole) return resolve({ firstMs, totalMs: performance.now() - began });
        reject(new Error(`${contender.name} answered ${response.statusCode} and ended with: ${last}`));
      });
    });
    sent.end(body);
  });
}

const marks = ['"content": "', '"content":"'].map((mark) => Buffer.from(mark));

/** Events with text that begin in these bytes; one without text counts for none. */
function tokensIn(bytes: Buffer): number {
  let count = 0;
  for (const mark of marks) {
    for (let at = bytes.indexOf(mark); at !== -1; at = bytes.indexOf(mark, at + mark.length)) {
      if (bytes[at + mark.length] !== 0x22) count += 1;
    }
  }
  return count;
}
