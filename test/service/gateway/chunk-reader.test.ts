import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { parseChunk } from "../../../service/src/gateway/engines/chunk.ts";
import { createChunkReader } from "../../../service/src/gateway/engines/chunk-reader.ts";
import { trials } from "../../tools/counts.ts";

const around = { id: "chatcmpl-1", object: "chat.completion.chunk", created: 1, model: 'a "content": "b' };

function chunk(delta: object, rest: object = {}): string {
  return JSON.stringify({ ...around, choices: [{ index: 0, finish_reason: null, delta, ...rest }] });
}

/** As Python writes JSON: a blank behind colons and commas, nothing but ASCII. */
function pythonLike(text: string): string {
  return text
    .replace(/"(delta|content|role)":/g, '"$1": ')
    .replace(/[\u0080-\uffff]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

describe("a reader of an answer's chunks", () => {
  test("says of every chunk what its JSON says, whatever came before", () => {
    const text = fc.oneof(fc.string(), fc.string({ unit: "binary" }), fc.constantFrom('"', "\\", '"}}]}', "\n", "é🙂"));
    const delta = fc.oneof(
      { weight: 8, arbitrary: text.map((content) => chunk({ role: "assistant", content })) },
      text.map((reasoning) => chunk({ reasoning })),
      text.map((content) => chunk({ content, reasoning_content: content })),
      text.map((content) => chunk({ content }, { finish_reason: "stop" })),
      text.map((name) => chunk({ tool_calls: [{ index: 0, function: { name, arguments: "{}" } }] })),
      fc.constant(JSON.stringify({ ...around, choices: [], usage: { prompt_tokens: 1, completion_tokens: 2 } })),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(delta, fc.boolean()), { maxLength: 30 }), (chunks) => {
        const read = createChunkReader();
        for (const [plain, isPython] of chunks) {
          const data = isPython ? pythonLike(plain) : plain;
          if (JSON.stringify(read(data)) !== JSON.stringify(parseChunk(data))) throw new Error(data);
        }
      }),
      { numRuns: trials(40, 5000) },
    );
  });

  test("what is no JSON is refused, also where it begins and ends as the ones before", () => {
    const read = createChunkReader();
    for (const content of ["one", "two", "three"]) read(chunk({ content }));
    const broken = chunk({ content: "four" }).replace("four", 'fo"ur');
    expect(() => read(broken)).toThrow("not JSON");
    expect(() => read(chunk({ content: "four" }).replace("four", "fo\\ur"))).toThrow("not JSON");
    expect(read(chunk({ content: "five" })).choices?.[0]?.delta?.content).toBe("five");
  });
});
