import { createHash, createHmac } from "node:crypto";

/** Addresses on the CDN: whoever has one may read, for a while. */
export interface SignedUrls {
  /** `seconds` default to an hour; `uses` to no limit. */
  sign(file: SignedFile, limit?: { seconds?: number; uses?: number }): string;
  /** The file behind an address, or why not. Counts as one use. */
  open(path: string, query: URLSearchParams): SignedFile | "denied" | "expired";
  /** The file an address was made for, whether it still works or not; no use is counted. */
  peek(path: string, query: URLSearchParams): SignedFile | undefined;
  /** Everything handed out so far stops working. */
  expireAll(): void;
}

export interface SignedFile {
  repo: string;
  commit: string;
  path: string;
  /** Name in the address: the sha256 of the content. */
  sha256: string;
}

interface Grant {
  file: SignedFile;
  expiresAt: number;
  usesLeft: number;
}

export function createSignedUrls(origin: () => string, now: () => number): SignedUrls {
  const grants = new Map<string, Grant>();
  let issued = 0;
  return {
    sign(file, { seconds = 3600, uses = Infinity } = {}) {
      const expiresAt = now() + seconds * 1000;
      issued += 1;
      const folder = createHash("sha1").update(file.repo).digest("hex").slice(0, 24);
      const url = new URL(`/xet-bridge-us/${folder}/${file.sha256}`, origin());
      const name = file.path.split("/").pop()!;
      const disposition = `inline; filename*=UTF-8''${encodeURIComponent(name)}; filename="${name}";`;
      url.searchParams.set("response-content-disposition", disposition);
      url.searchParams.set("Expires", String(Math.ceil(expiresAt / 1000)));
      url.searchParams.set("Policy", Buffer.from(`${issued}`).toString("base64url"));
      const signature = createHmac("sha256", "fake hub")
        .update(url.pathname + url.search)
        .digest("base64url");
      url.searchParams.set("Signature", signature);
      url.searchParams.set("Key-Pair-Id", "K2FAKEFAKEFAKE");
      grants.set(`${url.pathname} ${signature}`, { file, expiresAt, usesLeft: uses });
      return url.href;
    },
    open(path, query) {
      const grant = grants.get(`${path} ${query.get("Signature")}`);
      if (!grant) return "denied";
      if (grant.expiresAt <= now() || grant.usesLeft <= 0) return "expired";
      grant.usesLeft -= 1;
      return grant.file;
    },
    peek: (path, query) => grants.get(`${path} ${query.get("Signature")}`)?.file,
    expireAll() {
      for (const grant of grants.values()) grant.expiresAt = 0;
    },
  };
}
