import { randomBytes } from "node:crypto";

/** Makes opaque ids: sortable by time, safe in URLs and file names. */
export type Ids = (prefix: string) => string;

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

/** `<prefix>_<10 characters of time><16 random characters>`, Crockford base 32. */
export const randomIds: Ids = (prefix) => {
  let time = Date.now();
  let head = "";
  for (let digit = 0; digit < 10; digit += 1) {
    head = alphabet.charAt(time % 32) + head;
    time = Math.floor(time / 32);
  }
  const tail = Array.from(randomBytes(16), (byte) => alphabet.charAt(byte % 32)).join("");
  return `${prefix}_${head}${tail}`;
};
