import type { Conversation } from "../../contract/anthropic.ts";
import { checkParameters, defaultOnly, emptyOnly } from "../parameters.ts";
import type { ParameterTable } from "../parameters.ts";

const gateway = { support: "honoured", by: "gateway" } as const;
const engine = { support: "honoured", by: "engine" } as const;
const harmless = { support: "harmless" } as const;

/** The one table of `/v1/messages`: code, tests and documentation read it. */
export const messagesParameters = {
  model: gateway,
  stream: gateway,
  stop_sequences: gateway,
  messages: engine,
  system: engine,
  tools: engine,
  tool_choice: engine,
  thinking: engine,
  output_config: engine,
  output_format: engine,
  max_tokens: engine,
  temperature: engine,
  top_p: engine,
  top_k: engine,
  container: defaultOnly([], "there are no containers here"),
  mcp_servers: emptyOnly("no server of tools is called from here; send its tools in tools"),
  thread: defaultOnly([], "no conversation is kept here; send its messages"),
  // Every prompt is cached as far as it goes.
  cache_control: harmless,
  metadata: harmless,
  service_tier: harmless,
  speed: harmless,
  inference_geo: harmless,
  user_profile_id: harmless,
  workspace_id: harmless,
  billing_policy: harmless,
  diagnostics: harmless,
  betas: harmless,
} as const satisfies ParameterTable;

const knownInside = {
  thinking: ["type", "budget_tokens"],
  output_config: ["effort", "format"],
  tool: ["type", "name", "description", "input_schema", "cache_control"],
} as const;

/**
 * Checks a request against the table.
 * @returns the names that nothing is done with, sorted; those inside another key with a point, as `thinking.display`.
 * @throws AppError `unsupported` that names the key.
 */
export function checkMessages(request: Conversation): string[] {
  const dropped = new Set(checkParameters(request, messagesParameters));
  const note = (place: string, value: object | null | undefined, known: readonly string[]): void => {
    for (const key of Object.keys(value ?? {})) if (!known.includes(key)) dropped.add(`${place}.${key.slice(0, 60)}`);
  };
  note("thinking", request.thinking, knownInside.thinking);
  note("output_config", request.output_config, knownInside.output_config);
  for (const tool of request.tools ?? []) note("tools", tool, knownInside.tool);
  return [...dropped].sort().slice(0, 50);
}
