import { ModelId, Revision } from "../contract/common.ts";
import { usageError } from "./command-error.ts";

/** `owner/name` or `owner/name@revision`, as a person writes it. @throws CommandError `usage` */
export function parseModelReference(text: string): { id: string; revision: string | undefined } {
  const at = text.indexOf("@");
  const id = ModelId.safeParse(at === -1 ? text : text.slice(0, at));
  if (!id.success) {
    throw usageError(
      `"${text}" is not a model. Write it as owner/name, for example mlx-community/Qwen3-4B-4bit. Find one: mlx-manager search`,
    );
  }
  if (at === -1) return { id: id.data, revision: undefined };
  const revision = Revision.safeParse(text.slice(at + 1));
  if (!revision.success)
    throw usageError(`"${text.slice(at + 1)}" is not a revision. Give a branch, a tag or a commit.`);
  return { id: id.data, revision: revision.data };
}

/** The two parts of a model's path in the API. */
export function modelParams(id: string): { owner: string; name: string } {
  const [owner = "", name = ""] = id.split("/");
  return { owner, name };
}
