import type { RequestEntry, RequestExportFormat } from "../../contract/requests.ts";
import { requestFields } from "./request-row.ts";

/** The first text of an export, then each page as it is read. */
export async function* exportText(
  pages: AsyncIterable<readonly RequestEntry[]>,
  format: RequestExportFormat,
): AsyncGenerator<string> {
  if (format === "csv") yield `${requestFields.join(",")}\r\n`;
  const lineOf = format === "csv" ? csvLine : jsonLine;
  for await (const page of pages) yield page.map(lineOf).join("");
}

function jsonLine(entry: RequestEntry): string {
  return `${JSON.stringify(entry)}\n`;
}

function csvLine(entry: RequestEntry): string {
  return `${requestFields.map((name) => csvCell(entry[name])).join(",")}\r\n`;
}

/** RFC 4180. Clients choose their names: what a spreadsheet would run as a formula is kept from it by a quote. */
function csvCell(value: RequestEntry[keyof RequestEntry]): string {
  if (value === null) return "";
  if (typeof value !== "string" && !Array.isArray(value)) return String(value);
  const text = Array.isArray(value) ? value.join(" ") : value;
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
