import type { EngineId } from "../../contract/engines.ts";
import type { Profile } from "../../contract/profiles.ts";
import { isAppError } from "../../platform/errors.ts";
import { chatMessages, chatTools } from "../engines/chat-body.ts";
import type { NormalMessage } from "../messages.ts";
import type { NormalRequest } from "../request.ts";
import { createCountingThread } from "./counting-thread.ts";
import type { CountingThreadOptions } from "./counting-thread.ts";
import type { CountJob, ThinkingHabit } from "./job.ts";

/** What a prompt weighs in its model's own tokens, without the model being loaded. */
export interface PromptTokens {
  /**
   * Template and tools included, as the engine will read it. An image counts as the mark that its template writes.
   * Null where it cannot be told here: the model is elsewhere, has no template, or one that is not understood.
   */
  count(prompt: CountedPrompt, signal: AbortSignal): Promise<number | null>;
  close(): Promise<void>;
}

export interface CountedPrompt {
  readonly profile: Pick<Profile, "kind" | "model" | "engine">;
  readonly revision: string;
  readonly request: Pick<NormalRequest, "messages" | "tools" | "template" | "continuation" | "prompt">;
}

export interface PromptTokensOptions extends CountingThreadOptions {
  readonly models: {
    /** @throws AppError for what is not wholly here. */
    locate(id: string, revision: string): { readonly path: string };
  };
}

export function createPromptTokens({ models, ...options }: PromptTokensOptions): PromptTokens {
  const thread = createCountingThread(options);
  const folderOf = (model: string, revision: string): string | null => {
    try {
      return models.locate(model, revision).path;
    } catch (error) {
      // What is not here cannot be counted; whoever loads it says so.
      if (isAppError(error)) return null;
      throw error;
    }
  };
  return {
    async count({ profile, revision, request }, signal) {
      // What a sound weighs only its model knows.
      if (request.messages.some((message) => message.role === "user" && message.sounds !== undefined)) return null;
      const folder = profile.kind === "remote" ? null : folderOf(profile.model, revision);
      return folder === null ? null : await thread.count(jobOf(folder, profile.engine, request), signal);
    },
    close: () => thread.close(),
  };
}

/** What the engines set when nobody says anything. */
const thinkingHabits: Readonly<Record<EngineId, ThinkingHabit>> = {
  "mlx-lm": "if-known",
  "mlx-vlm": "off",
  "mlx-openai-server": "on",
  remote: "unsaid",
};

function jobOf(folder: string, engine: EngineId, request: CountedPrompt["request"]): Omit<CountJob, "number"> {
  return {
    folder,
    text: request.prompt ?? null,
    messages: request.messages.map(messageOf),
    tools: chatTools(request.tools) ?? null,
    variables: request.template,
    thinking: thinkingHabits[engine],
    continues: request.continuation !== "never",
  };
}

/** Pictures stay here: templates look only where they are. */
function messageOf(message: NormalMessage): Record<string, unknown> {
  if (message.role !== "user" || message.images.length === 0) {
    const [formed = {}] = chatMessages([message], { reasoning: true });
    return formed;
  }
  const marks = message.images.map(() => ({ type: "image" }));
  return { role: "user", content: message.text === "" ? marks : [...marks, { type: "text", text: message.text }] };
}
