import { randomFillSync } from "node:crypto";

/** Makes opaque ids: sortable by time, safe in URLs and file names. */
export type Ids = (prefix: string) => string;

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
const timeDigits = 10;
/** The tail is two numbers of so many digits: each fits into the 53 bits that arithmetic is exact in. */
const halfDigits = 8;
const halfRange = 2 ** (halfDigits * 5);
const halfBytes = 5;
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
  let time = 0;
  let high = 0;
  let low = 0;
  return (prefix) => {
    const moment = now();
    if (moment > time) {
      time = moment;
      high = number(random(halfBytes));
      low = number(random(halfBytes));
    } else {
      const stepped = low + 1 + number(random(stepBytes));
      low = stepped % halfRange;
      high += Math.floor(stepped / halfRange);
      if (high >= halfRange) {
        high -= halfRange;
        time += 1;
      }
    }
    return `${prefix}_${digits(time, timeDigits)}${digits(high, halfDigits)}${digits(low, halfDigits)}`;
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

/** At most six bytes, the highest first. */
function number(bytes: Uint8Array): number {
  let value = 0;
  for (const byte of bytes) value = value * 256 + byte;
  return value;
}

function digits(value: number, count: number): string {
  let text = "";
  for (let rest = value; text.length < count; rest = Math.floor(rest / 32)) text = alphabet.charAt(rest % 32) + text;
  return text;
}
