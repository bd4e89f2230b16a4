import { networkInterfaces } from "node:os";
import { describe, expect, test } from "@jest/globals";
import { checkedDataUri } from "../../../../service/src/gateway/images/data-uri.ts";
import { imageUrl } from "../../../../service/src/gateway/images/fetch-image.ts";
import { readPicture } from "../../../../service/src/gateway/images/picture.ts";
import { isPublicAddress } from "../../../../service/src/gateway/images/public-address.ts";
import { dataUri, gif, jpeg, png, webp } from "./pictures.ts";

const limits = { bytes: 100_000 };

describe("a picture is known by its bytes", () => {
  test.each([
    ["image/png", png(640, 480)],
    ["image/jpeg", jpeg(640, 480)],
    ["image/gif", gif(640, 480)],
    ["image/webp", webp("VP8 ", 640, 480)],
    ["image/webp", webp("VP8L", 640, 480)],
    ["image/webp", webp("VP8X", 640, 480)],
  ])("%s, with its size; cut short it is none", (type, bytes) => {
    expect(readPicture(bytes)).toEqual({ type, width: 640, height: 480 });
    for (const end of [0, 1, 9, 30, -13, -1]) {
      // A PNG's last word is before its checksum.
      if (end !== -1 || type !== "image/png") expect([end, readPicture(bytes.subarray(0, end))]).toEqual([end, null]);
    }
  });

  test.each(["", "<!doctype html>", "BM000000000000000000000000000", "RIFF0000WAVEfmt 00000000000000000000"])(
    "%j is none",
    (text) => expect(readPicture(Buffer.from(text, "latin1"))).toBeNull(),
  );
});

describe("a data URI", () => {
  const square = png(8, 8);

  test("gets the type that its bytes have, whatever it was called, and reads the same every time", () => {
    const right = dataUri(square);
    expect(checkedDataUri(right, limits)).toBe(right);
    expect(checkedDataUri(dataUri(square, "image/jpeg"), limits)).toBe(right);
    expect(checkedDataUri(dataUri(square, "image/svg+xml"), limits)).toBe(right);
    const text = square.toString("base64").replace(/=+$/, "");
    expect(checkedDataUri(`data:image/png;base64,${text.slice(0, 40)}\r\n${text.slice(40)}`, limits)).toBe(right);
  });

  test.each([
    ["no base64", "data:image/png;base64,%%%%", "damaged"],
    ["base64 for addresses", `data:image/png;base64,${square.toString("base64").slice(0, 40)}-_-_`, "damaged"],
    ["base64 of an odd length", "data:image/png;base64,AAAAA", "damaged"],
    ["nothing", "data:image/png;base64,", "damaged"],
    ["a page", dataUri(Buffer.from("<!doctype html><html></html>")), "cannot be read"],
    ["a picture that is cut off", dataUri(square.subarray(0, 20)), "cannot be read"],
    ["more bytes than the limit", dataUri(Buffer.concat([square, Buffer.alloc(100_000)])), "more than 0.1 MB"],
    ["far more", dataUri(Buffer.alloc(300_000)), "more than 0.1 MB"],
    ["a small file that unpacks to gigabytes", dataUri(png(60_000, 60_000)), "60000 x 60000 pixels"],
  ])("of %s is refused", (_, uri, reason) => {
    expect(() => checkedDataUri(uri, limits)).toThrow(
      expect.objectContaining({ code: "invalid_request", message: expect.stringContaining(reason) }),
    );
  });
});

describe("the public internet", () => {
  test.each(["1.1.1.1", "93.184.216.34", "172.32.0.1", "100.128.0.1", "2606:4700:4700::1111", "2a00:1450:4001::8a"])(
    "has %s",
    (address) => expect(isPublicAddress(address)).toBe(true),
  );

  test.each([
    ...["127.0.0.1", "127.9.9.9", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1"],
    ...["169.254.169.254", "100.64.0.1", "100.127.255.255", "100.100.100.200", "192.0.0.192", "198.18.0.1"],
    ...["224.0.0.1", "239.1.1.1", "255.255.255.255", "240.0.0.1", "192.0.2.1", "203.0.113.9"],
    ...["::1", "::", "fe80::1", "fe80::1%lo", "fc00::1", "fd00:ec2::254", "ff02::1", "fec0::1", "100::1"],
    ...["::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:7f00:1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1"],
    ...["2002:7f00:1::", "2001::1", "2001:db8::1", "3fff::1", "localhost", ""],
  ])("has no %j", (address) => expect(isPublicAddress(address)).toBe(false));

  test("has none of this machine's own addresses", () => {
    const own = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
    expect(own.length).toBeGreaterThan(0);
    for (const { address } of own) expect([address, isPublicAddress(address)]).toEqual([address, false]);
  });

  test.each([
    ["http://2130706433/x.png", "127.0.0.1"],
    ["http://0x7f.1/x.png", "127.0.0.1"],
    ["http://0177.0.0.1/x.png", "127.0.0.1"],
    ["http://[::ffff:127.0.0.1]/x.png", "[::ffff:7f00:1]"],
    ["http://①②⑦.0.0.1/x.png", "127.0.0.1"],
  ])("is not reached by another spelling: %s is %s", (address, host) => {
    expect(imageUrl(address).hostname).toBe(host);
  });

  test.each(["file:///etc/passwd", "ftp://example.com/a.png", "/etc/passwd", "a.png", "javascript:1", "data:,x", ""])(
    "is not named by %j",
    (address) => expect(() => imageUrl(address)).toThrow(expect.objectContaining({ code: "unsupported" })),
  );

  test.each(["https://user:secret@example.com/a.png", "https://user@example.com/a.png"])(
    "is not reached with a login, which is not repeated: %s",
    (address) =>
      expect(() => imageUrl(address)).toThrow(
        expect.objectContaining({ code: "invalid_request", message: expect.not.stringContaining("secret") }),
      ),
  );
});
