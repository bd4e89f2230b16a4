/** The events of a server-sent event stream, with their data parsed as JSON; `[DONE]` and comments come as they are. */
export async function* readEventStream(
  response: Response,
): AsyncGenerator<{ event: string; id: string; data: unknown; comment: string }> {
  if (response.body === null) return;
  let rest = "";
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    const before = Math.max(0, rest.length - 1);
    rest += chunk;
    // A snapshot of thousands of models comes in many pieces: what was looked at is not looked at again.
    if (!rest.includes("\n\n", before)) continue;
    const blocks = rest.split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) yield parseBlock(block);
  }
}

function parseBlock(block: string) {
  const field = (name: string) =>
    block
      .split("\n")
      .filter((line) => line.startsWith(`${name}:`))
      .map((line) => line.slice(name.length + 1).trimStart())
      .join("\n");
  const text = field("data");
  return {
    event: field("event"),
    id: field("id"),
    data: text === "" || text === "[DONE]" ? text : (JSON.parse(text) as unknown),
    comment: field(""),
  };
}
