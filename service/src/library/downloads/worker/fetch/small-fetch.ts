import { createHash } from "node:crypto";
import type { Clock } from "../../../../platform/clock.ts";
import { wait } from "../../../../platform/clock.ts";
import type { PlannedFile, TransferTuning } from "../../messages.ts";
import { createAttempts } from "./attempts.ts";
import type { Connection } from "./connections.ts";
import { checksumMismatch, cutShort } from "./content-failures.ts";
import type { Part } from "../parts/part-store.ts";
import { TransferFault } from "./retry.ts";
import type { Throttle } from "./throttle.ts";
import type { Transport } from "./transport.ts";

export interface SmallFetchOptions {
  readonly file: PlannedFile;
  readonly part: Part;
  readonly transport: Transport;
  readonly throttle: Throttle;
  readonly tuning: TransferTuning;
  readonly clock: Clock;
  readonly random: () => number;
  readonly signal: AbortSignal;
  /** Waits for a connection. */
  readonly connect: () => Promise<Connection>;
  onFetched(bytes: number): void;
  onFault(fault: TransferFault, attempt: number): void;
}

/**
 * Brings a small file by one request, proves it in memory and only then writes it.
 * @throws AppError when no attempt is left or the content is wrong twice; the reason of `signal`; file system errors.
 */
export async function fetchSmall(options: SmallFetchOptions): Promise<void> {
  const { file, part, tuning, clock, random, signal } = options;
  const attempts = createAttempts(tuning, random);
  let mismatches = 0;
  for (;;) {
    await wait(clock, Math.max(0, attempts.notBefore() - clock.monotonic()), signal);
    const startedAt = clock.monotonic();
    try {
      const chunks = await download(options);
      if (digestOf(file, chunks) === file.blobId) return await store(part, chunks);
      mismatches += 1;
      // Once more: a bad proxy may have been at fault, and a fresh copy tells.
      if (mismatches === 2) throw checksumMismatch(file.path);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof TransferFault)) throw error;
      attempts.note(error, { now: clock.monotonic(), startedAt, doneBytes: 0, gainedBytes: 0 });
      options.onFault(error, attempts.count());
    }
  }
}

async function download({
  file,
  transport,
  throttle,
  signal,
  connect,
  onFetched,
}: SmallFetchOptions): Promise<Buffer[]> {
  const { path, sizeBytes } = file;
  const connection = await connect();
  try {
    const segment = { path, sizeBytes, start: 0, end: sizeBytes };
    const body = await transport.open(segment, signal, connection.received);
    const chunks: Buffer[] = [];
    let size = 0;
    try {
      for (let batch = await body.take(); batch !== null && size <= sizeBytes; batch = await body.take()) {
        onFetched(batch.bytes);
        chunks.push(...batch.chunks);
        size += batch.bytes;
        await throttle.take(batch.bytes, signal);
      }
    } finally {
      body.abort();
    }
    if (size < sizeBytes) throw new TransferFault(cutShort());
    // More than the file has: the checksum judges what belongs to it.
    return size === sizeBytes ? chunks : [Buffer.concat(chunks, sizeBytes)];
  } finally {
    connection.release();
  }
}

async function store(part: Part, chunks: readonly Buffer[]): Promise<void> {
  await part.open();
  try {
    if (part.bytesDone() > 0) await part.reset();
    if (chunks.length > 0) await part.write(chunks, 0);
    part.markVerified();
  } finally {
    await part.close();
  }
}

/** Git hashes a header with the content. */
function digestOf({ algorithm, sizeBytes }: PlannedFile, chunks: readonly Buffer[]): string {
  const hash = createHash(algorithm === "sha256" ? "sha256" : "sha1");
  if (algorithm === "git-sha1") hash.update(`blob ${sizeBytes}\0`);
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest("hex");
}
