/** One message of a server-sent event stream, or a comment: ours tell progress in comments. */
export type SseMessage =
  { kind: "event"; event: string; data: string; id: string | undefined } | { kind: "comment"; text: string };

/** Reads server-sent events from text that may be cut anywhere, also between the two characters of a line's end. */
export function createSseParser(): (text: string) => SseMessage[] {
  let pending = "";
  // Up to here no line ends: a snapshot of thousands of models is one line in many pieces.
  let searched = 0;
  let event = "";
  let id: string | undefined;
  let data: string[] = [];

  const readLine = (line: string): SseMessage | undefined => {
    if (line === "") {
      const message = { kind: "event", event: event || "message", data: data.join("\n"), id } as const;
      const isEmpty = data.length === 0;
      event = "";
      id = undefined;
      data = [];
      return isEmpty ? undefined : message;
    }
    if (line.startsWith(":")) return { kind: "comment", text: line.slice(1).trim() };
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "data") data.push(value);
    else if (name === "event") event = value;
    else if (name === "id") id = value;
    return undefined;
  };

  const lineEnd = /[\r\n]/g;
  return (text) => {
    pending += text;
    const messages: SseMessage[] = [];
    for (;;) {
      lineEnd.lastIndex = searched;
      const end = lineEnd.exec(pending)?.index ?? -1;
      // A carriage return at the very end may be half of a line's end.
      if (end < 0 || (pending[end] === "\r" && end === pending.length - 1)) {
        searched = end < 0 ? pending.length : end;
        return messages;
      }
      searched = 0;
      const message = readLine(pending.slice(0, end));
      pending = pending.slice(end + (pending.startsWith("\r\n", end) ? 2 : 1));
      if (message !== undefined) messages.push(message);
    }
  };
}
