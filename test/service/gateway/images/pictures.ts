import { pngFile } from "../../../../service/src/serving/probing/png-file.ts";

/** A PNG that says it has this size; what is in it is one row of black. */
export function png(width: number, height: number): Buffer {
  return pngFile(width, height, Buffer.alloc(64));
}

/** A JPEG without a scan, as cameras write it: a profile and padding before the frame. */
export function jpeg(width: number, height: number): Buffer {
  const profile = Buffer.concat([Buffer.from([0xff, 0xe1]), length(2000), Buffer.alloc(1998, 0xff)]);
  const frame = Buffer.from([0xff, 0xff, 0xc2, 0, 17, 8, height >> 8, height & 255, width >> 8, width & 255, 3]);
  return Buffer.concat([Buffer.from([0xff, 0xd8]), profile, frame, Buffer.alloc(20), Buffer.from([0xff, 0xd9])]);
}

export function gif(width: number, height: number): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt16LE(width, 0);
  size.writeUInt16LE(height, 2);
  // Its last word stands in a comment too.
  const comment = [0x21, 0xfe, 2, 0x3b, 0x3b, 0];
  const frame = [0x2c, 0, 0, 0, 0, 8, 0, 8, 0, 0x80, 0, 0, 0, 0, 0, 0, 2, 1, 0, 0];
  return Buffer.concat([Buffer.from("GIF89a"), size, Buffer.from([0, 0, 0, ...comment, ...frame, 0x3b])]);
}

/** In each of its three forms. */
export function webp(form: "VP8 " | "VP8L" | "VP8X", width: number, height: number): Buffer {
  const bytes = Buffer.alloc(40);
  bytes.write("RIFF", 0, "latin1");
  bytes.writeUInt32LE(bytes.length - 8, 4);
  bytes.write(`WEBP${form}`, 8, "latin1");
  if (form === "VP8 ") {
    bytes.writeUInt16LE(width, 26);
    bytes.writeUInt16LE(height, 28);
  } else if (form === "VP8L") {
    bytes.writeUInt32LE(((height - 1) << 14) | (width - 1), 21);
  } else {
    bytes.writeUIntLE(width - 1, 24, 3);
    bytes.writeUIntLE(height - 1, 27, 3);
  }
  return bytes;
}

export function dataUri(bytes: Buffer, type = "image/png"): string {
  return `data:${type};base64,${bytes.toString("base64")}`;
}

function length(value: number): Buffer {
  return Buffer.from([value >> 8, value & 255]);
}
