/**
 * What one request asks of the engine by its last message, `script: {...}`: any flag that shapes an answer, and
 * - `status`: refuse with it; `hang`: say nothing; `dropOnce`: close the connection at the first sight of it
 * - `at` and `then`: at that token `cut` the connection, go `silent`, or send `garbage` or a `null` chunk
 * - `report`: `{prefill: [2], token: [5]}`, entries when the answer gets there; `reportEvery`: so many tokens
 * - `name`: what entries of it are called; its end by the client is one, with the machine's monotonic time and the
 *   client's port
 */
export function createScripts({ flags, record }) {
  const dropped = new Set();
  return {
    of(body, { request, response }) {
      const own = flags.scripted ? read(body) : null;
      if (own === null) return { flags: {}, isQuiet: false, reached: () => undefined };
      const { status, hang, dropOnce, at, then, report = {}, reportEvery, name, ...rest } = own;
      const port = request.socket.remotePort;
      const note = (type, fields = {}) => record({ type, name, port, ...fields, monotonic: monotonic() });
      let tokens = 0;
      if (name !== undefined) {
        request.socket.once("close", () => {
          if (!response.writableFinished) note("left", { tokens });
        });
      }
      return {
        flags: rest,
        isQuiet: true,
        instead: insteadOf(),
        async reached(kind, count) {
          if (kind === "token") tokens = count;
          if (report[kind]?.includes(count) || (kind === "token" && count % reportEvery === 0))
            note("reached", { kind, count });
          if (kind === "token" && count === at) await happen(then);
        },
      };

      function insteadOf() {
        if (status !== undefined) return (answerJson) => answerJson(response, status, { error: `scripted ${status}` });
        if (hang) return () => note("reached", { kind: "request" });
        if (!dropOnce || dropped.has(name)) return undefined;
        return () => {
          dropped.add(name);
          request.socket.destroy();
        };
      }

      async function happen(fault) {
        if (fault === "cut") request.socket.destroy();
        if (fault === "garbage") response.write('data: {"choices":[{"delta"\n\n');
        if (fault === "null") response.write("data: null\n\n");
        if (fault === "silent") await new Promise(() => undefined);
      }
    },
  };
}

function read({ messages, prompt }) {
  const content = messages?.at(-1)?.content ?? prompt ?? "";
  const text = typeof content === "string" ? content : content.map(({ text: piece = "" }) => piece).join("");
  return text.startsWith("script: ") ? JSON.parse(text.slice("script: ".length)) : null;
}

/** Milliseconds on a clock that all processes of a machine share. */
function monotonic() {
  return Number(process.hrtime.bigint()) / 1e6;
}
