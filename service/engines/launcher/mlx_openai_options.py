"""The options of mlx-openai-server, by our names, and the fields of its configuration that they become."""

from typing import Any

from options import flag, one_of, whole_number


def _model_type(value: Any) -> str | None:
    kinds = ("lm", "multimodal", "embeddings", "whisper")
    return None if value in kinds else f"must be one of {kinds}"


CHECKS = {
    # Not the profile's: it follows from the model, and the engine does not find it out by itself.
    "modelType": _model_type,
    "trustRemoteCode": flag,
    "kvBits": one_of(2, 3, 4, 6, 8),
    "kvGroupSize": one_of(32, 64, 128),
    "quantizedKvStart": whole_number(0),
    "contextTokens": whole_number(1),
}

FIELDS = {
    "modelType": "model_type",
    "trustRemoteCode": "trust_remote_code",
    "kvBits": "kv_bits",
    "kvGroupSize": "kv_group_size",
    "quantizedKvStart": "quantized_kv_start",
    "contextTokens": "context_length",
}

# Unbounded by itself, and a part of it on disk.
PROMPT_CACHE_BYTES = 2 * 1024**3
DEFAULT_MAXIMUM_TOKENS = 4096


def configuration(options: dict[str, Any]) -> dict[str, Any]:
    """Keyword arguments of the engine's own configuration."""
    fixed = {
        "host": "127.0.0.1",
        # Else it writes logs/app.log below the current folder.
        "no_log_file": True,
        "prompt_cache_max_bytes": PROMPT_CACHE_BYTES,
        "default_max_tokens": DEFAULT_MAXIMUM_TOKENS,
        "served_model_name": "default_model",
        # Without it the engine gives no tool to the model, whatever a request says.
        "enable_auto_tool_choice": True,
    }
    return {**fixed, **{FIELDS[name]: value for name, value in options.items()}}
