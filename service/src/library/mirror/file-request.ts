/** What to send of a file, by the request's conditions: all of it, a part, or only the headers that say why not. */
export type FileAnswer =
  | { readonly status: 200 | 206; readonly start: number; readonly end: number }
  | { readonly status: 304 }
  | { readonly status: 416 };

export interface Conditions {
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
  readonly ifNoneMatch: string | undefined;
}

/** By RFC 9110. @param etag without quotes; @returns `end` is exclusive. */
export function answerFor({ range, ifRange, ifNoneMatch }: Conditions, etag: string, sizeBytes: number): FileAnswer {
  if (ifNoneMatch !== undefined && namesTag(ifNoneMatch, etag)) return { status: 304 };
  const isSame = ifRange === undefined || ifRange.trim() === `"${etag}"`;
  const wanted = isSame ? readRange(range, sizeBytes) : null;
  if (wanted === "unsatisfiable") return { status: 416 };
  return wanted === null ? { status: 200, start: 0, end: sizeBytes } : { status: 206, ...wanted };
}

/** One range of bytes. Null for none, and for forms that a server may ignore: other units, several ranges, nonsense. */
function readRange(header: string | undefined, sizeBytes: number) {
  const match = /^bytes\s*=\s*(\d*)\s*-\s*(\d*)$/i.exec(header?.trim() ?? "");
  const [, first = "", last = ""] = match ?? [];
  if (match === null || (first === "" && last === "")) return null;
  if (first === "") {
    const length = Math.min(Number(last), sizeBytes);
    return length === 0 ? "unsatisfiable" : { start: sizeBytes - length, end: sizeBytes };
  }
  const start = Number(first);
  if (last !== "" && Number(last) < start) return null;
  if (start >= sizeBytes) return "unsatisfiable";
  return { start, end: last === "" ? sizeBytes : Math.min(Number(last) + 1, sizeBytes) };
}

/** Weakly compared, as `If-None-Match` is. */
function namesTag(header: string, etag: string): boolean {
  if (header.trim() === "*") return true;
  return header.split(",").some((tag) => tag.trim().replace(/^W\//, "") === `"${etag}"`);
}
