import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { CodingAgents } from "../../tools/coding-agents.ts";

/** Where one run of an agent happens: its home, the folder it works in, and the service that it is pointed at. */
export interface AgentSite {
  readonly home: string;
  readonly project: string;
  readonly address: string;
  readonly key: string;
  readonly model: string;
  readonly contextTokens: number;
}

export interface AgentCommand {
  readonly file: string;
  readonly words: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** What the agent reads; nothing where its words hold the prompt. */
  readonly input?: string;
}

/** An agent over one protocol: how docs/clients.md says to start it, and how to read what it prints. */
export interface Agent {
  readonly name: string;
  readonly package: string;
  readonly path: "/v1/chat/completions" | "/v1/responses" | "/v1/messages";
  /** As the request log names it. */
  readonly client: string;
  /** Which of its tools write the file and run the command. */
  readonly tools: readonly [string, string];
  /** It asks for a title beside its work. */
  readonly asksTitle?: boolean;
  /** Its shell does not wait for all that a command printed: now and then it tells of nothing, and is asked again. */
  readonly losesOutput?: boolean;
  command(programs: CodingAgents, site: AgentSite, prompt: string): AgentCommand;
  /** Its last words. */
  answer(printed: string): string;
}

const answerTokens = 8192;
const node = (program: string, words: readonly string[]) => ({ file: process.execPath, words: [program, ...words] });
const lines = (printed: string): Line[] =>
  printed.split("\n").flatMap((line) => (line.startsWith("{") ? [JSON.parse(line) as Line] : []));

/** What of the agents' lines is read here, all of them together. */
interface Line {
  readonly type: string;
  readonly item?: { readonly type: string; readonly text?: string };
  readonly part?: { readonly text: string };
  readonly messages?: readonly { readonly content: readonly { readonly text?: string }[] }[];
  readonly result?: string;
}

const claudeCode: Agent = {
  ...{ name: "Claude Code", package: "@anthropic-ai/claude-code", path: "/v1/messages", client: "claude-cli" },
  tools: ["Write", "Bash"],
  command({ claude }, { home, address, key, model, contextTokens }, prompt) {
    const name = `anthropic/${model}`;
    const tiers = ["OPUS", "SONNET", "HAIKU", "FABLE"].map((tier) => [`ANTHROPIC_DEFAULT_${tier}_MODEL`, name]);
    const settings = write(join(home, "mlx-manager.json"), {
      env: {
        ...{ ANTHROPIC_BASE_URL: address, ANTHROPIC_AUTH_TOKEN: key, ANTHROPIC_API_KEY: "", ANTHROPIC_MODEL: name },
        ...(Object.fromEntries(tiers) as Record<string, string>),
        CLAUDE_CODE_SUBAGENT_MODEL: name,
        CLAUDE_CODE_MAX_CONTEXT_TOKENS: String(contextTokens),
        CLAUDE_CODE_MAX_OUTPUT_TOKENS: String(answerTokens),
        API_TIMEOUT_MS: "1800000",
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
      },
      permissions: { defaultMode: "acceptEdits", allow: ["Bash(tr:*)"] },
    });
    const words = ["-p", prompt, "--settings", settings, "--output-format", "json"];
    return { file: claude, words, environment: {} };
  },
  answer: (printed) => (JSON.parse(printed) as Line).result ?? "",
};

const codex: Agent = {
  ...{ name: "Codex", package: "@openai/codex", path: "/v1/responses", client: "codex_exec" },
  tools: ["apply_patch", "exec_command"],
  command(programs, { home, address, key, model, contextTokens }, prompt) {
    const catalog = write(join(home, "catalog.json"), {
      models: [
        {
          ...{ slug: model, display_name: model, description: null, base_instructions: "You are a coding agent." },
          ...{ context_window: contextTokens, truncation_policy: { mode: "tokens", limit: 10_000 } },
          ...{ shell_type: "shell_command", apply_patch_tool_type: "freeform", experimental_supported_tools: [] },
          ...{ supports_parallel_tool_calls: true, supports_reasoning_summaries: true, support_verbosity: false },
          ...{ supported_reasoning_levels: [], supported_in_api: true, visibility: "list", priority: 1 },
        },
      ],
    });
    const settings = {
      model_provider: "mlx",
      "model_providers.mlx.name": "MLX Manager",
      "model_providers.mlx.base_url": `${address}/v1`,
      "model_providers.mlx.env_key": "MLX_MANAGER_KEY",
      "model_providers.mlx.wire_api": "responses",
      model_catalog_json: catalog,
      "analytics.enabled": false,
      check_for_update_on_startup: false,
      "features.plugins": false,
      "features.apps": false,
    };
    const changes = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${JSON.stringify(value)}`]);
    // The sandbox takes rights that a machine of tests may not give; what is run here is known.
    const freely = "--dangerously-bypass-approvals-and-sandbox";
    const words = ["exec", "--skip-git-repo-check", "--json", freely, "-m", model, ...changes, prompt];
    return { file: programs.codex, words, environment: { MLX_MANAGER_KEY: key } };
  },
  answer: (printed) => lines(printed).findLast(({ item }) => item?.type === "agent_message")?.item?.text ?? "",
};

function openCode(path: Agent["path"], npm: string): Agent {
  return {
    ...{ name: "OpenCode", package: "opencode-ai", path, client: "opencode", asksTitle: true },
    tools: ["write", "bash"],
    command({ opencode }, { project, address, key, model, contextTokens }, prompt) {
      const config = {
        ...{ autoupdate: false, share: "disabled", model: `mlx/${model}`, small_model: `mlx/${model}` },
        provider: {
          mlx: {
            npm,
            options: { baseURL: `${address}/v1`, apiKey: key },
            models: { [model]: { limit: { context: contextTokens, output: answerTokens } } },
          },
        },
      };
      return {
        file: opencode,
        words: ["run", "--format", "json", "--auto", "--dir", project, "-m", `mlx/${model}`],
        environment: {
          OPENCODE_CONFIG_CONTENT: JSON.stringify(config),
          ...{ OPENCODE_DISABLE_MODELS_FETCH: "1", OPENCODE_DISABLE_LSP_DOWNLOAD: "1" },
        },
        input: `${prompt}\n`,
      };
    },
    answer: (printed) => lines(printed).findLast(({ type }) => type === "text")?.part?.text ?? "",
  };
}

function qwenCode(path: Agent["path"], authType: string, client: string): Agent {
  return {
    ...{ name: "Qwen Code", package: "@qwen-code/qwen-code", path, client, losesOutput: true },
    tools: ["write_file", "run_shell_command"],
    command({ qwen }, { address, key, model }, prompt) {
      const words = ["--yolo", "--auth-type", authType, "-m", model, "-o", "json", "-p", prompt];
      const environment: Record<string, string> =
        authType === "anthropic"
          ? { ANTHROPIC_BASE_URL: address, ANTHROPIC_API_KEY: key, ANTHROPIC_MODEL: model }
          : { OPENAI_BASE_URL: `${address}/v1`, OPENAI_API_KEY: key, OPENAI_MODEL: model };
      return { ...node(qwen, words), environment: { ...environment, QWEN_USAGE_STATISTICS_ENABLED: "false" } };
    },
    answer: (printed) => (JSON.parse(printed) as Line[]).findLast(({ type }) => type === "result")?.result ?? "",
  };
}

function pi(path: Agent["path"], api: string): Agent {
  return {
    ...{ name: "pi", package: "@earendil-works/pi-coding-agent", path, client: "pi" },
    tools: ["write", "bash"],
    command(programs, { home, address, key, model, contextTokens }, prompt) {
      const baseUrl = api === "anthropic-messages" ? address : `${address}/v1`;
      const entry = { id: model, name: model, reasoning: true, input: ["text"], contextWindow: contextTokens };
      const cost = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
      write(join(home, ".pi/agent/models.json"), {
        providers: { mlx: { baseUrl, api, apiKey: key, models: [{ ...entry, maxTokens: answerTokens, cost }] } },
      });
      const words = ["-p", "--mode", "json", "--provider", "mlx", "--model", model, "--no-session", prompt];
      return { ...node(programs.pi, words), environment: { PI_OFFLINE: "1" } };
    },
    answer: (printed) => {
      const last = lines(printed).findLast(({ type }) => type === "agent_end");
      return (last?.messages?.at(-1)?.content ?? []).map(({ text = "" }) => text).join("");
    },
  };
}

/** Each agent as it is usually pointed at a local server. */
export const usualAgents: readonly Agent[] = [
  claudeCode,
  codex,
  openCode("/v1/chat/completions", "@ai-sdk/openai-compatible"),
  qwenCode("/v1/chat/completions", "openai", "QwenCode"),
  pi("/v1/chat/completions", "openai-completions"),
];

/** The other protocols that they speak. */
export const otherForms: readonly Agent[] = [
  openCode("/v1/messages", "@ai-sdk/anthropic"),
  openCode("/v1/responses", "@ai-sdk/openai"),
  // It names itself after another program there.
  qwenCode("/v1/messages", "anthropic", "claude-cli"),
  qwenCode("/v1/responses", "openai-responses", "QwenCode"),
  pi("/v1/messages", "anthropic-messages"),
  pi("/v1/responses", "openai-responses"),
];

function write(path: string, content: object): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify(content));
  return path;
}
