/** How files begin, as bytes in Latin-1. */
const kinds = [
  { format: "wav", pattern: /^RIFF[^]{4}WAVE/ },
  { format: "mp3", pattern: /^(?:ID3|\xff[\xe2\xe3\xf2\xf3\xfa\xfb])/ },
  { format: "flac", pattern: /^fLaC/ },
  { format: "ogg", pattern: /^OggS/ },
] as const;

/** The format that a sound's first bytes say; null for none of ours. */
export function soundFormat(bytes: Buffer): (typeof kinds)[number]["format"] | null {
  const start = bytes.toString("latin1", 0, 16);
  return kinds.find(({ pattern }) => pattern.test(start))?.format ?? null;
}

/** For errors: what is taken. */
export const soundNames = "WAV, MP3, FLAC or Ogg";
