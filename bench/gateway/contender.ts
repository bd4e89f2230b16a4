/** One way to the engine. */
export interface Contender {
  readonly name: string;
  /** With the protocol's `/v1` below it. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly model: string;
  /** Of the gateway; null where there is none in between. */
  readonly processId: number | null;
  /** From starting the program to its first good answer to a health question. */
  readonly startMs: number | null;
  end(): Promise<void>;
}

/** How each contender comes up in front of one kind of engine. */
export interface Ways {
  direct(): Promise<Contender>;
  /** @param main the entry of the program. */
  mlxManager(main: string): Promise<Contender>;
  /** @param path of the program. */
  llamaSwap(path: string): Promise<Contender>;
  liteLlm(path: string): Promise<Contender>;
}

export const names = { direct: "direct", own: "MLX Manager", llamaSwap: "llama-swap", liteLlm: "LiteLLM" } as const;
