import { randomFillSync } from "node:crypto";

/** Makes opaque ids: sortable by time, safe in URLs and file names. */
export type Ids = (prefix: string) => string;

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
const timeDigits = 10;
const tailDigits = 16;
/** Of two ids of one millisecond the later is higher by up to so much: in order, and still not to be guessed. */
const stepBytes = 6;

/**
 * `<prefix>_<10 characters of time><16 random characters>`, Crockford base 32. An id is always greater than those made
 * before it in this process, also within a millisecond and when the clock goes back (the monotonic rule of the ULID
 * specification): lists are ordered by them.
 */
export const randomIds: Ids = createIds(Date.now, createRandom(4096));

/** @param now Milliseconds of the wall clock. @param random That many random bytes. */
export function createIds(now: () => number, random: (bytes: number) => Uint8Array): Ids {
  let last = 0n;
  return (prefix) => {
    const fresh = (BigInt(now()) << BigInt(tailDigits * 5)) | number(random((tailDigits * 5) / 8));
    const isLater = fresh >> BigInt(tailDigits * 5) > last >> BigInt(tailDigits * 5);
    last = isLater ? fresh : last + 1n + number(random(stepBytes));
    return `${prefix}_${digits(last)}`;
  };
}

/** Random bytes, drawn from the system so many at a time: it is asked several times for every request. */
function createRandom(supply: number): (bytes: number) => Uint8Array {
  const pool = Buffer.alloc(supply);
  let used = supply;
  return (bytes) => {
    if (used + bytes > supply) {
      randomFillSync(pool);
      used = 0;
    }
    used += bytes;
    return pool.subarray(used - bytes, used);
  };
}

function number(bytes: Uint8Array): bigint {
  return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

function digits(value: bigint): string {
  let text = "";
  for (let digit = 0; digit < timeDigits + tailDigits; digit += 1) {
    text = alphabet.charAt(Number(value & 31n)) + text;
    value >>= 5n;
  }
  return text;
}
