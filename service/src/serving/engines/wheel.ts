import { inflateRawSync } from "node:zlib";

const endMark = 0x06054b50;
const entryMark = 0x02014b50;

/**
 * One file of a wheel (a zip archive without encryption or 64-bit sizes), by the end of its path.
 * @throws Error when the archive is none, or the file is not in it.
 */
export function readFromWheel(wheel: Buffer, pathEnd: string): Buffer {
  const end = wheel.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end === -1 || wheel.readUInt32LE(end) !== endMark) throw new Error("The wheel is not a zip archive.");
  const count = wheel.readUInt16LE(end + 10);
  let at = wheel.readUInt32LE(end + 16);
  for (let entry = 0; entry < count; entry += 1) {
    if (wheel.readUInt32LE(at) !== entryMark) throw new Error("The wheel's directory is damaged.");
    const method = wheel.readUInt16LE(at + 10);
    const size = wheel.readUInt32LE(at + 20);
    const nameLength = wheel.readUInt16LE(at + 28);
    const name = wheel.toString("utf8", at + 46, at + 46 + nameLength);
    const local = wheel.readUInt32LE(at + 42);
    if (name.endsWith(pathEnd)) {
      const start = local + 30 + wheel.readUInt16LE(local + 26) + wheel.readUInt16LE(local + 28);
      const bytes = wheel.subarray(start, start + size);
      return method === 0 ? Buffer.from(bytes) : inflateRawSync(bytes);
    }
    at += 46 + nameLength + wheel.readUInt16LE(at + 30) + wheel.readUInt16LE(at + 32);
  }
  throw new Error(`The wheel has no ${pathEnd}.`);
}
