import { request } from "node:http";

export interface StreamTarget {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly model: string;
}

/** Opens `count` streams at once and answers the gaps between their tokens in milliseconds, first tokens aside. */
export async function measureGaps(target: StreamTarget, count: number): Promise<number[]> {
  const gaps = await Promise.all(Array.from({ length: count }, () => oneStream(target)));
  return gaps.flat();
}

function oneStream({ url, headers, model }: StreamTarget): Promise<number[]> {
  const body = JSON.stringify({
    model,
    stream: true,
    max_tokens: 100_000,
    messages: [{ role: "user", content: "Count." }],
  });
  return new Promise((resolve, reject) => {
    const gaps: number[] = [];
    let last: number | null = null;
    const sent = request(
      new URL("/v1/chat/completions", url),
      {
        method: "POST",
        agent: false,
        headers: { ...headers, "content-type": "application/json", "content-length": Buffer.byteLength(body) },
      },
      (response) => {
        if (response.statusCode !== 200) reject(new Error(`${url} answered ${response.statusCode}`));
        response.on("data", (chunk: Buffer) => {
          if (!chunk.includes('"content"')) return;
          const now = performance.now();
          if (last !== null) gaps.push(now - last);
          last = now;
        });
        response.on("end", () => resolve(gaps));
        response.on("error", reject);
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}

/** The value below which `share` of the numbers lie. */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
