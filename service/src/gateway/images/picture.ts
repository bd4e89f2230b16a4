export type PictureType = "image/png" | "image/jpeg" | "image/gif" | "image/webp";

/** What a file's own bytes say of it; names and headers are not asked. */
export interface Picture {
  readonly type: PictureType;
  readonly width: number;
  readonly height: number;
}

/** For errors: what is read. */
export const pictureNames = "PNG, JPEG, GIF or WebP";

/** @returns null for what is none of the four, and for one that is cut off: an engine would fail in its answer. */
export function readPicture(bytes: Buffer): Picture | null {
  for (const { type, begins, size, isWhole } of kinds) {
    if (!begins(bytes)) continue;
    const found = size(bytes);
    if (found === null || found.width === 0 || found.height === 0 || !isWhole(bytes)) return null;
    return { type, width: found.width, height: found.height };
  }
  return null;
}

/** By its first twelve bytes alone. */
export function pictureType(bytes: Buffer): PictureType | null {
  return kinds.find(({ begins }) => begins(bytes))?.type ?? null;
}

type Size = Omit<Picture, "type">;

interface Kind {
  readonly type: PictureType;
  begins(bytes: Buffer): boolean;
  size(bytes: Buffer): Size | null;
  isWhole(bytes: Buffer): boolean;
}

const kinds: readonly Kind[] = [
  {
    type: "image/png",
    begins: (bytes) => text(bytes, 0, 8) === "\x89PNG\r\n\x1a\n",
    size: (bytes) =>
      bytes.length < 24 || text(bytes, 12, 4) !== "IHDR"
        ? null
        : { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) },
    isWhole: (bytes) => bytes.lastIndexOf("IEND", undefined, "latin1") >= 0,
  },
  {
    type: "image/jpeg",
    begins: (bytes) => text(bytes, 0, 3) === "\xff\xd8\xff",
    size: jpegSize,
    // Nothing between frame and end reads so; previews stand before the frame.
    isWhole: (bytes) => bytes.lastIndexOf("\xff\xd9", undefined, "latin1") > (jpegFrame(bytes) ?? Infinity),
  },
  {
    type: "image/gif",
    begins: (bytes) => /^GIF8[79]a$/.test(text(bytes, 0, 6)),
    size: (bytes) => (bytes.length < 10 ? null : { width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) }),
    isWhole: gifEnds,
  },
  {
    type: "image/webp",
    begins: (bytes) => text(bytes, 0, 4) === "RIFF" && text(bytes, 8, 4) === "WEBP",
    size: webpSize,
    isWhole: (bytes) => bytes.readUInt32LE(4) + 8 <= bytes.length,
  },
];

function jpegSize(bytes: Buffer): Size | null {
  const frame = jpegFrame(bytes);
  return frame === null ? null : { height: bytes.readUInt16BE(frame + 5), width: bytes.readUInt16BE(frame + 7) };
}

/** Where the frame begins, by a walk over the segments: cameras put previews and profiles before it. */
function jpegFrame(bytes: Buffer): number | null {
  let at = 2;
  while (at + 9 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1] ?? 0;
    // Any number of these may stand between segments.
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) return at;
    at += 2 + bytes.readUInt16BE(at + 2);
  }
  return null;
}

/** Walks the blocks to the one that says it is the last. */
function gifEnds(bytes: Buffer): boolean {
  const tableOf = (flags: number): number => ((flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1));
  let at = 13 + tableOf(bytes[10] ?? 0);
  while (at < bytes.length) {
    const kind = bytes[at];
    if (kind === 0x3b) return true;
    if (kind === 0x21) at += 2;
    else if (kind === 0x2c) at += 11 + tableOf(bytes[at + 9] ?? 0);
    else return false;
    for (let length = bytes[at]; length !== 0; length = bytes[at]) {
      if (length === undefined) return false;
      at += length + 1;
    }
    at += 1;
  }
  return false;
}

/** One of three forms: with losses, without, and the extended one. */
function webpSize(bytes: Buffer): Size | null {
  if (bytes.length < 30) return null;
  switch (text(bytes, 12, 4)) {
    case "VP8 ":
      return { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff };
    case "VP8L": {
      const bits = bytes.readUInt32LE(21);
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case "VP8X":
      return { width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 };
    default:
      return null;
  }
}

function text(bytes: Buffer, start: number, length: number): string {
  return bytes.toString("latin1", start, start + length);
}
