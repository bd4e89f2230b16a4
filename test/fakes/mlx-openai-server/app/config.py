"""The fields of the engine's configuration that there are; any other name is an error, as in the engine."""

from dataclasses import dataclass


@dataclass
class MLXServerConfig:
    model_path: str
    model_type: str = "lm"
    context_length: int | None = None
    served_model_name: str | None = None
    port: int = 8000
    host: str = "0.0.0.0"
    no_log_file: bool = False
    enable_auto_tool_choice: bool = False
    trust_remote_code: bool = False
    prompt_cache_max_bytes: int = 1 << 63
    kv_bits: int | None = None
    kv_group_size: int = 64
    quantized_kv_start: int = 0
    default_max_tokens: int | None = None
