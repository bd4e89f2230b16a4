export type PictureType = "image/png" | "image/jpeg" | "image/gif" | "image/webp";

/** What a file's own bytes say of it; names and headers are not asked. */
export interface Picture {
  readonly type: PictureType;
  readonly width: number;
  readonly height: number;
}

/** For errors: what is read. */
export const pictureNames = "PNG, JPEG, GIF or WebP";

/** @returns null for what is none of the four, and for one that is cut off before its size. */
export function readPicture(bytes: Buffer): Picture | null {
  for (const { type, begins, size } of kinds) {
    if (!begins(bytes)) continue;
    const found = size(bytes);
    return found === null || found.width === 0 || found.height === 0 ? null : { type, ...found };
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
}

const kinds: readonly Kind[] = [
  {
    type: "image/png",
    begins: (bytes) => text(bytes, 0, 8) === "\x89PNG\r\n\x1a\n",
    size: (bytes) =>
      bytes.length < 24 || text(bytes, 12, 4) !== "IHDR"
        ? null
        : { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) },
  },
  { type: "image/jpeg", begins: (bytes) => text(bytes, 0, 3) === "\xff\xd8\xff", size: jpegSize },
  {
    type: "image/gif",
    begins: (bytes) => /^GIF8[79]a$/.test(text(bytes, 0, 6)),
    size: (bytes) => (bytes.length < 10 ? null : { width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) }),
  },
  {
    type: "image/webp",
    begins: (bytes) => text(bytes, 0, 4) === "RIFF" && text(bytes, 8, 4) === "WEBP",
    size: webpSize,
  },
];

/** Walks the segments to the one that holds the frame: cameras put previews and profiles before it. */
function jpegSize(bytes: Buffer): Size | null {
  let at = 2;
  while (at + 9 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1] ?? 0;
    // Any number of these may stand between segments.
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) return { height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) };
    at += 2 + bytes.readUInt16BE(at + 2);
  }
  return null;
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
