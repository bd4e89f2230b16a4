"""The options of mlx-lm and the flags of `mlx_lm.server` that they become.

Sampling, the longest answer and the variables of the chat template have flags too; they go with each request instead,
so that a change of a profile acts at once. A test asks the engine's own parser about every flag named here.
"""

from typing import Any

from options import Options, flag, folder_with, one_of, text, whole_number

GIBIBYTE = 1024**3
# The engine's own default is unbounded, which ends in a kernel panic on a Mac after some hours of agent work.
DEFAULT_PROMPT_CACHE_BYTES = 2 * GIBIBYTE
# The engine's 512 truncates coding clients. The gateway always sends a limit; this is for everyone else.
DEFAULT_MAXIMUM_TOKENS = 4096

CHECKS = {
    "trustRemoteCode": flag,
    "chatTemplate": text,
    "draftModel": folder_with("config.json"),
    "draftTokens": whole_number(1),
    "adapterPath": folder_with("adapter_config.json", "adapters.safetensors"),
    "kvBits": one_of(2, 3, 4, 6, 8),
    "kvGroupSize": one_of(32, 64, 128),
    "quantizedKvStart": whole_number(0),
    "promptCacheSize": whole_number(1),
    "promptCacheBytes": whole_number(1),
    "prefillStepSize": whole_number(1),
    "decodeConcurrency": whole_number(1),
    "promptConcurrency": whole_number(1),
    # No flag: the launcher itself keeps prompt and answer within it.
    "contextTokens": whole_number(1),
}

FLAGS = {
    "chatTemplate": "--chat-template",
    "draftModel": "--draft-model",
    "draftTokens": "--num-draft-tokens",
    "adapterPath": "--adapter-path",
    "kvBits": "--kv-bits",
    "kvGroupSize": "--kv-group-size",
    "quantizedKvStart": "--quantized-kv-start",
    "promptCacheSize": "--prompt-cache-size",
    "promptCacheBytes": "--prompt-cache-bytes",
    "prefillStepSize": "--prefill-step-size",
    "decodeConcurrency": "--decode-concurrency",
    "promptConcurrency": "--prompt-concurrency",
}


def engine_arguments(options: Options) -> list[str]:
    """The engine's own command line for these options: its documented flags are the most stable way in."""
    engine: dict[str, Any] = {"promptCacheBytes": DEFAULT_PROMPT_CACHE_BYTES, **options.engine}
    arguments = ["--model", options.model, "--host", options.host, "--log-level", "INFO"]
    arguments += ["--max-tokens", str(DEFAULT_MAXIMUM_TOKENS)]
    for name, engine_flag in FLAGS.items():
        if name in engine:
            # With `=`, a template that begins with a dash is no flag of its own.
            arguments.append(f"{engine_flag}={engine[name]}")
    if engine.get("trustRemoteCode"):
        arguments.append("--trust-remote-code")
    return arguments
