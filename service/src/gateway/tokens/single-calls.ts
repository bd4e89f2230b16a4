type Message = Readonly<Record<string, unknown>>;

/**
 * The same conversation with at most one call in a message, each with its result behind it: what the launcher makes
 * (`single_calls.py`) where a template refuses more.
 */
export function oneCallEach(messages: readonly Message[]): Message[] {
  const single: Message[] = [];
  for (let at = 0; at < messages.length; at += 1) {
    const message = messages[at]!;
    const calls = callsOf(message);
    if (calls.length < 2) {
      single.push(message);
      continue;
    }
    const results: Message[] = [];
    while (messages[at + 1]?.["role"] === "tool") results.push(messages[(at += 1)]!);
    calls.forEach((call, index) => {
      const said = index === 0 ? message : { role: message["role"], content: "" };
      const own = results.filter((result) => result["tool_call_id"] === call["id"]);
      single.push({ ...said, tool_calls: [call] }, ...own);
    });
    const known = calls.map((call) => call["id"]);
    single.push(...results.filter((result) => !known.includes(result["tool_call_id"])));
  }
  return single;
}

function callsOf(message: Message): readonly Message[] {
  const calls = message["tool_calls"];
  return Array.isArray(calls) ? (calls as Message[]) : [];
}
