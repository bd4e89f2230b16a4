/**
 * A model at work for a coding agent, whichever it is: it writes a file and asks where it is, then runs a command over
 * the file, then says what came out, in the words of the tools that the agent offers. The user's words name the file and
 * its one line of text: `Write "<text>" to <path>, then ...`. Every other question is answered with a title.
 */
const TASK = /Write "([^"]+)" to ([^\s,]+)/g;
const WRITERS = /^(apply_patch|write|write_file)$/i;
const RUNNERS = /^(bash|exec_command|run_shell_command)$/i;
const TITLE = "A line in capitals";

/** @returns {{text?: string, calls?: {name: string, arguments: string}[]}} one turn of the model */
export function playTask({ messages = [], tools = [], answer_grammar: grammar }) {
  if (grammar?.schema) return { text: JSON.stringify(titleOf(grammar.schema)) };
  const [, text, path] = lastTask(messages) ?? [];
  const [writer, runner] = [WRITERS, RUNNERS].map(
    (name) => tools.find((tool) => name.test(tool.function.name))?.function,
  );
  if (path === undefined || runner === undefined) return { text: TITLE };

  const results = messages.filter(({ role }) => role === "tool");
  const command = `tr a-z A-Z < ${path}`;
  // An agent without a tool that writes files has a shell that does.
  const first = writer
    ? callOf(writer, {
        ...{ path, file_path: path, filePath: path, content: `${text}\n` },
        input: `*** Begin Patch\n*** Add File: ${path}\n+${text}\n*** End Patch`,
      })
    : runnerCall(runner, `echo '${text}' > ${path}`);
  // Two calls at once, as models make them that do not depend on each other.
  if (results.length === 0) return { text: "The file comes first.", calls: [first, runnerCall(runner, "pwd")] };
  const printed = textOf(results.at(-1).content).trim();
  // A model that sees nothing looks again, but not for ever.
  const isSeen = results.length > 2 && printed.includes(text.toUpperCase());
  if (!isSeen && results.length < 6) return { calls: [runnerCall(runner, command)] };
  return { text: `The command printed: ${printed}` };
}

function lastTask(messages) {
  const asked = messages.filter(({ role }) => role === "user").map(({ content }) => textOf(content));
  return asked.flatMap((text) => [...text.matchAll(TASK)]).at(-1);
}

function runnerCall(runner, command) {
  return callOf(runner, { command, cmd: command, is_background: false });
}

/** The call with what is known of its parameters; the rest that the tool requires is some text. */
function callOf({ name, parameters: { properties = {}, required = [] } }, known) {
  const names = Object.keys(properties).filter((property) => property in known || required.includes(property));
  const given = names.map((property) => [property, known[property] ?? "A part of the task"]);
  return { name, arguments: JSON.stringify(Object.fromEntries(given)) };
}

function titleOf(schema) {
  return Object.fromEntries(Object.keys(schema.properties ?? {}).map((name) => [name, TITLE]));
}

function textOf(content) {
  if (typeof content === "string") return content;
  return (content ?? []).map(({ text = "" }) => text).join("\n");
}
