/** A prompt to count, as the engine is sent it. Plain data: it goes to another thread. */
export interface CountJob {
  readonly number: number;
  /** The snapshot's folder, from the library alone. */
  readonly folder: string;
  /** To be written on, without a template; null: a conversation. */
  readonly text: string | null;
  /** In the form of OpenAI's chat, which is what templates are written for. */
  readonly messages: readonly Readonly<Record<string, unknown>>[];
  readonly tools: readonly object[] | null;
  /** Variables of the template that the request or the profile sets. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** What `enable_thinking` is when nobody said: the engine's own habit. */
  readonly thinking: ThinkingHabit;
  /** Whether the answer goes on from the last message, which is the assistant's. */
  readonly continues?: boolean;
}

/** `if-known`: on for every model whose vocabulary has marks for thoughts, as `mlx_lm.server` does. */
export type ThinkingHabit = "if-known" | "on" | "off" | "unsaid";

export type CountAnswer =
  | { readonly number: number; readonly tokens: number }
  /** Why it cannot be counted here. */
  | { readonly number: number; readonly failure: string };
