/** Text as a code block, inside a fence longer than any in it. */
export function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}\n${text}\n${fence}`;
}

/** Closes a code block that is still being written: half a block would swallow everything below it. For display only. */
export function closeFence(markdown: string): string {
  let open: string | undefined;
  for (const line of markdown.split("\n")) {
    const found = /^ {0,3}(`{3,}|~{3,})(.*)$/.exec(line);
    if (found === null) continue;
    const [, fence = "", rest = ""] = found;
    if (open === undefined) open = fence;
    else if (fence[0] === open[0] && fence.length >= open.length && rest.trim() === "") open = undefined;
  }
  return open === undefined ? markdown : `${markdown}\n${open}`;
}
