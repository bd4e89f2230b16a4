import { pngFile } from "./png-file.ts";

const side = 64;
const red = [220, 30, 30] as const;

/** A red square as a PNG in a data URI, made anew: nothing has to be shipped or fetched for it. */
export function testPicture(): string {
  const row = Buffer.from([0, ...Array.from({ length: side }, () => red).flat()]);
  const file = pngFile(side, side, Buffer.concat(Array.from({ length: side }, () => row)));
  return `data:image/png;base64,${file.toString("base64")}`;
}
