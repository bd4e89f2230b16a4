import { pythonJson } from "./python-json.mjs";

/**
 * What the engine behind our launcher gives where an answer is held to a form (`answer_grammar`), and what a model might
 * say to `flags.replies`: the first of them whose `ask` fits the last message, and whose `told` fits what stands before.
 * Undefined: nothing of that.
 */
export function obligingAnswer(body, flags) {
  if (!flags.obliging) return undefined;
  const grammar = body.answer_grammar;
  if (grammar?.calls) {
    const [{ name, parameters }] = grammar.calls;
    return { call: { name, arguments: pythonJson(exampleOf(parameters, parameters)) } };
  }
  if (grammar?.schema) return { text: pythonJson(exampleOf(grammar.schema, grammar.schema)) };
  return replyOf(body, flags.replies ?? []);
}

/** A delta as the launcher sends it where the likelihood of its tokens is asked for. */
export function withLogprobs(delta, { answer_logprobs: asked }, flags) {
  const text = delta.content ?? delta.reasoning;
  if (!flags.obliging || !asked || text === undefined) return delta;
  const token = (written, logprob) => ({ token: written, logprob, bytes: [...Buffer.from(written)] });
  const top = Array.from({ length: asked.top }, (_, place) =>
    token(place === 0 ? text : ` other${place}`, -0.1 - place),
  );
  return { ...delta, logprobs: { content: [{ ...token(text, -0.1), top_logprobs: top }] } };
}

/** How much of a prompt the engine knows from one before: as much as both begin with. */
export function createPromptCache() {
  const prompts = [];
  return {
    /** All of a prompt is never cached: its last token is what the answer begins from. */
    cachedOf(text) {
      const cached = Math.max(0, ...prompts.map((known) => commonLength(known, text)));
      prompts.push(text);
      if (prompts.length > 10) prompts.shift();
      return Math.min(cached, text.length - 1);
    },
  };
}

function replyOf({ messages = [], prompt = "", continue_answer: goesOn }, replies) {
  // Without that word the engine begins a new turn, whatever stands last.
  const said = goesOn ? messages : messages.filter(({ role }, at) => role !== "assistant" || at < messages.length - 1);
  const texts = messages.length === 0 ? [prompt] : said.map(({ content }) => textOf(content));
  const asked = texts.at(-1);
  const before = texts.slice(0, -1).join("\n");
  for (const { ask, told = "", text } of replies) {
    const found = new RegExp(ask, "i").exec(asked);
    const known = new RegExp(told, "i").exec(before);
    if (!found || !known) continue;
    return { text: text.replaceAll("$ask", found[1] ?? "").replaceAll("$told", known[1] ?? "") };
  }
  return undefined;
}

function textOf(content) {
  if (typeof content === "string") return content;
  return (content ?? []).map(({ text = "" }) => text).join("\n");
}

/** The plainest value that a schema allows. */
function exampleOf(schema, root) {
  if (typeof schema !== "object" || schema === null) return null;
  if (typeof schema.$ref === "string") return exampleOf(pointed(schema.$ref, root), root);
  if ("const" in schema) return schema.const;
  if (schema.enum) return schema.enum[0];
  const [choice] = schema.anyOf ?? schema.oneOf ?? [];
  if (choice) return exampleOf(choice, root);
  switch ([schema.type].flat()[0]) {
    case "string":
      return "text";
    case "integer":
    case "number":
      return schema.minimum ?? 4;
    case "boolean":
      return true;
    case "array":
      return [exampleOf(schema.items, root)];
    case "null":
      return null;
    default: {
      const names = schema.required ?? Object.keys(schema.properties ?? {});
      return Object.fromEntries(names.map((name) => [name, exampleOf(schema.properties?.[name], root)]));
    }
  }
}

function pointed(address, root) {
  return address
    .split("/")
    .slice(1)
    .reduce((place, key) => place?.[key], root);
}

function commonLength(one, other) {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length += 1;
  return length;
}
