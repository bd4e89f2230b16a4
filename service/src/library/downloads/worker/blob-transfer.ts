import type { Clock } from "../../../platform/clock.ts";
import { wait } from "../../../platform/clock.ts";
import { AppError } from "../../../platform/errors.ts";
import type { PlannedFile, TransferTuning } from "../messages.ts";
import type { Part } from "./part-store.ts";
import { backOff, TransferFault } from "./retry.ts";
import type { Segment, Transport } from "./transport.ts";
import { createVerifier } from "./verifier.ts";
import type { Verifier } from "./verifier.ts";

export interface BlobTransferOptions {
  readonly file: PlannedFile;
  readonly part: Part;
  readonly transport: Transport;
  readonly tuning: TransferTuning;
  readonly clock: Clock;
  readonly random: () => number;
  readonly signal: AbortSignal;
  onFetched(bytes: number): void;
  /** Why an attempt came to nothing; for the log. */
  onFault(fault: TransferFault, attempt: number): void;
}

const bufferBytes = 1024 * 1024;

/**
 * Brings one blob into its part and marks it verified.
 * @throws AppError when no attempt is left or the content is wrong twice; the reason of `signal`; file system errors.
 */
export async function transferBlob(options: BlobTransferOptions): Promise<void> {
  const { file, part } = options;
  await part.open();
  try {
    for (let round = 1; ; round += 1) {
      const state: FileState = { verifier: createVerifier(file, part), etag: null };
      try {
        await fetchWhole(options, state);
        if (await state.verifier.finish()) break;
      } finally {
        state.verifier.stop();
      }
      await part.reset();
      // Once more from the start: a bad proxy or disk may have been at fault, and a fresh copy tells.
      if (round === 2) throw checksumMismatch(file.path);
    }
    part.markVerified();
  } finally {
    await part.close();
  }
}

interface FileState {
  verifier: Verifier;
  etag: string | null;
}

async function fetchWhole(options: BlobTransferOptions, state: FileState): Promise<void> {
  const { file, part, signal, tuning, clock, random } = options;
  let attempt = 0;
  let reached = part.prefix();
  while (part.prefix() < file.sizeBytes) {
    signal.throwIfAborted();
    try {
      await fetchSegment(options, state);
    } catch (error) {
      if (!(error instanceof TransferFault) || error.isFinal) throw asFailure(error);
      if (part.prefix() > reached) attempt = 0;
      reached = Math.max(reached, part.prefix());
      attempt += 1;
      options.onFault(error, attempt);
      if (attempt >= tuning.attempts) throw error.failure;
      if (error.isRestart) await restart(options, state);
      await wait(clock, Math.max(error.waitMs, backOff(attempt, random(), tuning)), signal);
    }
  }
}

function asFailure(error: unknown): unknown {
  return error instanceof TransferFault ? error.failure : error;
}

/** One request: the rest of the file from where its bytes end. */
async function fetchSegment(options: BlobTransferOptions, state: FileState): Promise<void> {
  const { file, part, transport, signal } = options;
  const segment: Segment = { path: file.path, sizeBytes: file.sizeBytes, start: part.prefix(), end: file.sizeBytes };
  const body = await transport.open(segment, signal);
  const isOther = body.start > 0 && state.etag !== null && body.etag !== state.etag;
  state.etag = body.etag;
  if (isOther) {
    // Half of one content and half of another make neither.
    body.discard();
    throw new TransferFault(changedContent(), { isRestart: true });
  }
  try {
    if (body.start !== segment.start) await restart(options, state);
  } catch (error) {
    body.discard();
    throw error;
  }
  await receive(options, state, body.bytes);
  if (part.prefix() < file.sizeBytes) throw new TransferFault(cutShort());
}

/** Gathers what comes into large writes; the disk writes one buffer while the next is hashed and filled. */
async function receive(
  { file, part, signal, onFetched }: BlobTransferOptions,
  state: FileState,
  bytes: AsyncIterable<Uint8Array>,
): Promise<void> {
  const buffer = Buffer.allocUnsafe(Math.min(bufferBytes, file.sizeBytes));
  let filled = 0;
  const write = async () => {
    if (filled === 0) return;
    const position = part.prefix();
    const piece = buffer.subarray(0, filled);
    filled = 0;
    const writing = part.write(piece, position);
    // A failed write is seen below; meanwhile it must not count as unhandled.
    writing.catch(() => undefined);
    state.verifier.follow(piece, position);
    await writing;
  };
  try {
    for await (const chunk of bytes) {
      onFetched(chunk.length);
      for (let taken = 0; taken < chunk.length;) {
        const room = file.sizeBytes - part.prefix() - filled;
        if (room <= 0) return await write(); // More than the file has: the checksum judges what belongs to it.
        const count = Math.min(chunk.length - taken, buffer.length - filled, room);
        buffer.set(chunk.subarray(taken, taken + count), filled);
        filled += count;
        taken += count;
        if (filled === buffer.length) await write();
      }
      signal.throwIfAborted();
    }
  } finally {
    // Also after a cut: what came is good until the checksum says otherwise.
    await write();
  }
}

async function restart({ file, part }: BlobTransferOptions, state: FileState): Promise<void> {
  state.verifier.stop();
  await part.reset();
  state.verifier = createVerifier(file, part);
}

function checksumMismatch(path: string): AppError {
  return new AppError(
    "checksum_mismatch",
    `The content of ${path} is not what the Hub promises, twice in a row. Try again later, or check for a proxy in between.`,
    { details: { path } },
  );
}

function cutShort(): AppError {
  return new AppError("hub_unreachable", "The Hub ends its answers early. Check the network and try again.", {
    details: { reason: "cut short" },
  });
}

function changedContent(): AppError {
  return new AppError("hub_unreachable", "The file changed on the Hub while it was fetched. Try again.", {
    details: { reason: "changed" },
  });
}
