export interface ServerSentEvent {
  readonly event: string | null;
  readonly data: string | null;
  /** Comments: how the gateway tells that a model loads. */
  readonly comment: string | null;
}

/** Reads `text/event-stream`. What an interrupted stream leaves unfinished is dropped, as the standard says. */
export async function* readServerSentEvents(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<ServerSentEvent> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of bytes) {
    const before = Math.max(0, rest.length - 3);
    rest += decoder.decode(chunk, { stream: true });
    // A snapshot of thousands of models comes in many pieces: what was looked at is not looked at again.
    if (!/[\r\n]{2}/.test(rest.slice(before))) continue;
    // A carriage return at the end may be half of a line end.
    const blocks = rest.replace(/\r\n|\r(?!$)/g, "\n").split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const event = parseBlock(block);
      if (event) yield event;
    }
  }
}

function parseBlock(block: string): ServerSentEvent | null {
  let event: string | null = null;
  let comment: string | null = null;
  const data: string[] = [];
  for (const line of block.split("\n")) {
    const colon = line.indexOf(":");
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (line !== "" && colon === 0) comment = value;
    else if (field === "data") data.push(value);
    else if (field === "event") event = value;
  }
  if (data.length === 0 && comment === null) return null;
  return { event, data: data.length === 0 ? null : data.join("\n"), comment };
}
