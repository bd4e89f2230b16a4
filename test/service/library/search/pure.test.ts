import { describe, expect, test } from "@jest/globals";
import type { HubModel } from "../../../../service/src/contract/hub.ts";
import { renderCard } from "../../../../service/src/library/search/card/render-card.ts";
import { decodePosition, encodePosition } from "../../../../service/src/library/search/cursor.ts";
import { answerOrEarlier, slowMs } from "../../../../service/src/library/search/earlier-answer.ts";
import { hubTags, isOfArchitecture, passes } from "../../../../service/src/library/search/filters.ts";
import { createSharedWork } from "../../../../service/src/library/search/shared-work.ts";
import { compared, isConversion, stemOf } from "../../../../service/src/library/search/siblings.ts";
import { AppError } from "../../../../service/src/platform/errors.ts";
import { fakeHubModel } from "../../../fakes/fake-service-state.ts";
import { manualClock } from "../../../tools/manual-clock.ts";

describe("families of architectures", () => {
  test.each([
    ["qwen3", "qwen3", true],
    ["qwen3_moe", "qwen3", true],
    ["qwen3_moe", "Qwen3-MoE", true],
    ["qwen3", "qwen3_moe", false],
    ["qwen3_moe", "qwen", true],
    ["qwen2", "qwen3", false],
    ["qwen30", "qwen3", false],
    ["gemma3_text", "gemma", true],
    ["gemma3n", "gemma3", false],
    ["mixtral", "mistral", true],
    ["llama4", "llama", true],
    ["gpt_oss", "gpt-oss", true],
    ["kimi_k2", "deepseek", true],
    [null, "llama", false],
  ])("%s belongs to %s: %s", (type, asked, expected) => {
    expect(isOfArchitecture(type, asked)).toBe(expected);
  });

  test("only a very type is left to the Hub, as a family has no tag", () => {
    const asked = (architecture: string) => hubTags({ architecture, bits: [], capability: [] } as never);
    expect([asked("qwen3"), asked("Qwen3-MoE"), asked("llama")]).toEqual([[], ["qwen3_moe"], []]);
  });
});

test("what is not known passes no filter", () => {
  const unknown = fakeHubModel("org/x", { sizeBytes: null, quantization: null, architecture: null });
  const asked = { bits: [], capability: [] as HubModel["capabilities"] };
  const withoutFit: HubModel = { ...unknown, fit: { ...unknown.fit, fits: null, verdict: "unknown" } };
  expect(passes(unknown, asked as never)).toBe(true);
  for (const filter of [{ bits: [4] }, { sizeMin: 0 }, { sizeMax: 1e12 }, { architecture: "llama" }])
    expect(passes(unknown, { ...asked, ...filter } as never)).toBe(false);
  expect(passes(withoutFit, { ...asked, fits: false } as never)).toBe(false);
});

describe("conversions of one model", () => {
  test.each([
    ["mlx-community/Qwen3-8B-4bit", "qwen3-8b"],
    ["lmstudio-community/Qwen3-8B-MLX-4bit", "qwen3-8b"],
    ["mlx-community/Qwen3-4B-Instruct-2507-4bit-DWQ", "qwen3-4b-instruct-2507"],
    ["mlx-community/gpt-oss-20b-MXFP4-Q8", "gpt-oss-20b"],
    ["mlx-community/Llama-3.2-3B-Instruct-bf16", "llama-3.2-3b-instruct"],
    ["org/4bit", "4bit"],
  ])("%s comes from %s", (id, stem) => {
    expect(stemOf(id)).toBe(stem);
  });

  test("are told from fine-tunes by how the Hub says they were made, or by their name", () => {
    const model = fakeHubModel("org/Pirate-8B-4bit", { baseModel: "Qwen/Qwen3-8B" });
    expect(isConversion({ model, relation: "finetune" }, "Qwen/Qwen3-8B", "qwen3-8b")).toBe(false);
    expect(isConversion({ model, relation: "quantized" }, "qwen/qwen3-8b", "qwen3-8b")).toBe(true);
    const named = fakeHubModel("org/Qwen3-8B-4bit", { baseModel: null });
    expect(isConversion({ model: named, relation: null }, null, "qwen3-8b")).toBe(true);
  });

  test("the one with the most bits that fits with room is recommended, a tight one only when nothing else fits", () => {
    const row = (bits: number, verdict: HubModel["fit"]["verdict"], change: Partial<HubModel> = {}) => {
      const model = fakeHubModel(`org/x-${bits}bit`, change);
      const quantization = { ...model.quantization!, bits, effectiveBits: bits + 0.5 };
      return { ...model, quantization, fit: { ...model.fit, verdict, fits: verdict !== "too-large" } };
    };
    const marked = (rows: HubModel[]) => compared(rows).map(({ id, recommended }) => `${id}${recommended ? " *" : ""}`);
    expect(marked([row(4, "easy"), row(16, "too-large"), row(8, "tight"), row(6, "fits")])).toEqual([
      ...["org/x-16bit", "org/x-8bit", "org/x-6bit *", "org/x-4bit"],
    ]);
    expect(marked([row(4, "tight"), row(8, "too-large")])).toEqual(["org/x-8bit", "org/x-4bit *"]);
    expect(marked([row(8, "easy", { supported: false }), row(4, "easy")])).toEqual(["org/x-8bit", "org/x-4bit *"]);
    expect(marked([row(8, "too-large")])).toEqual(["org/x-8bit"]);
  });
});

describe("a cursor", () => {
  const position = { session: "abc", offset: 30, hubCursor: "eyJ9", inPage: 30, last: "org/x" };

  test("comes back as it was, for its own question alone", () => {
    expect(decodePosition(encodePosition("q", position), "q")).toEqual(position);
    expect(() => decodePosition(encodePosition("q", position), "other")).toThrow("does not belong");
  });

  test.each([["abc"], [Buffer.from('["x","s",-1,null,0,"a"]').toString("base64url")], [""], ["\0"]])(
    "%j is none of ours",
    (cursor) => {
      expect(() => decodePosition(cursor, "q")).toThrow("not valid");
    },
  );
});

describe("work that several wait for", () => {
  test("is done once, and stopped when the last of them has left", async () => {
    const work = createSharedWork<string>();
    const signals: AbortSignal[] = [];
    const start = (signal: AbortSignal) => {
      signals.push(signal);
      return new Promise<string>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
    };
    const [one, other] = [new AbortController(), new AbortController()];
    const first = work.run("key", one.signal, start);
    const second = work.run("key", other.signal, start);
    one.abort(new Error("left"));
    await expect(first).rejects.toThrow("left");
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
    other.abort(new Error("left too"));
    await expect(second).rejects.toThrow("left too");
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    expect(await work.run("key", new AbortController().signal, () => Promise.resolve("anew"))).toBe("anew");
  });
});

describe("an earlier answer", () => {
  const open = new AbortController().signal;
  const asking = (
    ask: () => Promise<string>,
    kept: { value: string; isFresh: boolean } | null,
    clock = manualClock(),
  ) =>
    answerOrEarlier({
      ...{ kept, ask, clock, signal: open, closing: open },
      onLateFailure: () => undefined,
    });

  test("that is new is not asked for again", async () => {
    const answer = await asking(() => Promise.reject(new Error("asked")), { value: "old", isFresh: true });
    expect(answer).toEqual({ value: "old", source: "cache", stale: false, problem: null });
  });

  test("is given when the Hub has not answered in time, and the question goes on behind it", async () => {
    const clock = manualClock();
    const late = Promise.withResolvers<string>();
    let asked = 0;
    const answer = asking(() => ((asked += 1), late.promise), { value: "old", isFresh: false }, clock);
    clock.advance(slowMs);
    expect(await answer).toEqual({ value: "old", source: "cache", stale: true, problem: null });
    expect([asked, clock.timers()]).toEqual([2, 0]);
    late.resolve("new");
  });

  test("does not hide a refusal that is about the question", async () => {
    const refused = () => Promise.reject(new AppError("repo_not_found_or_private", "There is none."));
    await expect(asking(refused, { value: "old", isFresh: false })).rejects.toMatchObject({
      code: "repo_not_found_or_private",
    });
    const away = () => Promise.reject(new AppError("hub_unreachable", "It is down."));
    expect(await asking(away, { value: "old", isFresh: false })).toMatchObject({
      ...{ source: "cache", stale: true, problem: { code: "hub_unreachable", message: "It is down." } },
    });
    await expect(asking(away, null)).rejects.toMatchObject({ code: "hub_unreachable" });
  });
});

describe("a model card", () => {
  const place = { page: "https://hub.example/org/x", commit: "abc" };
  const shown = (text: string) => renderCard(text, place);

  test("loses its front matter and keeps its Markdown", () => {
    expect(shown("---\nlicense: mit\n---\n# Title\n\nA *word*, `code`, ~~gone~~.\n\n- [x] done\n  1. inner\n")).toBe(
      "# Title\n\nA *word*, `code`, ~~gone~~.\n\n- [x] done\n  1. inner",
    );
    expect(shown("```py\n<b>\n```\n\n> said\n> so\n")).toBe("```py\n<b>\n```\n\n> said\n> so");
    expect(shown("| a | b |\n|:--|--:|\n| 1 \\| x | `2` |\n")).toBe("| a | b |\n| :-- | --: |\n| 1 \\| x | `2` |");
  });

  test("gets absolute addresses", () => {
    expect(shown("[a](docs/a.md) [b](#use) [c](/docs) ![d](d.png) [e](../y)")).toBe(
      "[a](https://hub.example/org/x/blob/abc/docs/a.md) [b](https://hub.example/org/x#use) [c](https://hub.example/docs) " +
        "![d](https://hub.example/org/x/resolve/abc/d.png) [e](https://hub.example/org/x/blob/y)",
    );
  });

  test("keeps what raw HTML shows and none of the HTML", () => {
    const html = '<p align="center"><img src="logo.png" alt="Logo"></p>\n<h1>Name <a href="u.md">here</a></h1>';
    expect(shown(html)).toBe(
      "![Logo](https://hub.example/org/x/resolve/abc/logo.png)\n\n" +
        "# Name [here](https://hub.example/org/x/blob/abc/u.md)",
    );
    expect(shown("a <b>b</b> <script>c</script> <!-- d --> e<br>f")).toBe("a b   e  \nf");
  });

  test.each([
    ["[x](javascript:alert(1))"],
    ["[x](java&#115;cript:alert(1))"],
    ["[x](JaVaScRiPt&colon;alert(1))"],
    ["[x](java\tscript:alert(1))"],
    ["<javascript:alert(1)>"],
    ["[x][r]\n\n[r]: javascript:alert(1)"],
    ["[x]<b></b>(javascript:alert(1))"],
    ["![x](data:text/html;base64,PHNjcmlwdD4=)"],
    ["<img src=x onerror=alert(1)>"],
    ['<a href="vbscript:x">y</a>'],
    ["<svg><script>alert(1)</script></svg>"],
    ["<scr<script>ipt>alert(1)</script>"],
    ["<div>\n[x](javascript:alert(1))\n</div>"],
    ["<img alt='](javascript:alert(1))' src='a.png'>"],
    ["`<b>` \\<script>"],
  ])("%j comes out with nothing to click that is not of the web, and no tag", (text) => {
    const card = shown(text);
    const outsideCode = card.replace(/`[^`]*`/g, "");
    expect(outsideCode).not.toMatch(/(?<!\\)<[a-z/!]/i);
    expect(card).not.toMatch(/(?<!\\)\]\((?!https:\/\/hub\.example\/)/);
  });

  test("that is too long ends with a link to the rest", () => {
    const card = shown("A line of text.\n\n".repeat(20_000));
    expect(card.length).toBeLessThan(101_000);
    expect(card.endsWith("on the Hub.](https://hub.example/org/x/blob/abc/README.md)")).toBe(false);
    expect(card).toMatch(/\[The rest of this card is on the Hub\.\]\(https:\/\/hub\.example\/org\/x\)$/);
  });
});
