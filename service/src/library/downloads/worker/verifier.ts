import { createHash } from "node:crypto";

/** Follows one file's bytes as they are written and says whether their checksum is the promised one. */
export interface Verifier {
  /** Called after each write. Bytes that come in order are hashed at once, others when the gap has closed. */
  follow(bytes: Uint8Array, position: number): void;
  /** Resolves when all bytes are hashed. */
  finish(): Promise<boolean>;
  /** Ends the reading; a later `finish` is not allowed. */
  stop(): void;
}

export interface VerifiedFile {
  readonly blobId: string;
  readonly algorithm: "git-sha1" | "sha256";
  readonly sizeBytes: number;
}

export interface VerifierSource {
  /** How far the file is written without a hole. */
  prefix(): number;
  read(target: Uint8Array, position: number): Promise<number>;
}

const readBytes = 1024 * 1024;

export function createVerifier(file: VerifiedFile, source: VerifierSource): Verifier {
  const hash = createHash(file.algorithm === "sha256" ? "sha256" : "sha1");
  // Git hashes a header with the content.
  if (file.algorithm === "git-sha1") hash.update(`blob ${file.sizeBytes}\0`);
  let hashed = 0;
  let catchingUp: Promise<void> | null = null;
  let failure: unknown = null;
  let isStopped = false;

  /** Reads what was written before, or out of order, until it meets the writer. */
  const catchUp = async (): Promise<void> => {
    const target = Buffer.allocUnsafe(Math.min(readBytes, Math.max(1, file.sizeBytes)));
    while (!isStopped && hashed < source.prefix()) {
      const wanted = Math.min(target.length, source.prefix() - hashed);
      const count = await source.read(target.subarray(0, wanted), hashed);
      if (count === 0) throw new Error("A part became shorter while it was read.");
      hash.update(target.subarray(0, count));
      hashed += count;
    }
  };
  const startCatchingUp = (): void => {
    catchingUp ??= catchUp()
      .catch((error: unknown) => (failure = error))
      .then(() => void (catchingUp = null));
  };
  // A resumed file: the trusted prefix is hashed again while the rest comes in.
  if (source.prefix() > 0) startCatchingUp();

  return {
    follow(bytes, position) {
      if (catchingUp) return;
      if (position !== hashed) return startCatchingUp();
      hash.update(bytes);
      hashed += bytes.length;
    },
    async finish() {
      while (failure === null && (catchingUp || hashed < file.sizeBytes)) {
        startCatchingUp();
        await catchingUp;
        if (hashed < file.sizeBytes && source.prefix() < file.sizeBytes) throw new Error("The part is not whole.");
      }
      if (failure !== null) throw failure;
      return hash.digest("hex") === file.blobId;
    },
    stop: () => void (isStopped = true),
  };
}
