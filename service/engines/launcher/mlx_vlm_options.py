"""The options of mlx-vlm and the variables of its environment that they become.

`mlx_vlm.server` turns each of its flags into such a variable before anything reads it; without its command line they
are the interface. A test asks the engine's own configuration about every name here.
"""

from typing import Any

from options import flag, one_of, whole_number

CHECKS = {
    "trustRemoteCode": flag,
    "kvBits": one_of(2, 3, 4, 6, 8),
    "kvGroupSize": one_of(32, 64, 128),
    "quantizedKvStart": whole_number(0),
    "prefillStepSize": whole_number(1),
    "decodeConcurrency": whole_number(1),
    "contextTokens": whole_number(1),
}

VARIABLES = {
    "kvBits": "KV_BITS",
    "kvGroupSize": "KV_GROUP_SIZE",
    "quantizedKvStart": "QUANTIZED_KV_START",
    "prefillStepSize": "PREFILL_STEP_SIZE",
    "decodeConcurrency": "MLX_VLM_MAX_NUM_SEQS",
    "contextTokens": "MAX_KV_SIZE",
}

# The gateway always sends a limit; this is for everyone else.
DEFAULT_MAXIMUM_TOKENS = 4096
# Unbounded by itself: each sequence costs memory, later ones wait in the engine.
DEFAULT_SEQUENCES = 8


def engine_environment(options: dict[str, Any]) -> dict[str, str]:
    """What the engine reads when it is imported and when it loads. Nothing of it is secret."""
    chosen = {"decodeConcurrency": DEFAULT_SEQUENCES, **options}
    variables = {name: str(chosen[option]) for option, name in VARIABLES.items() if option in chosen}
    variables["MLX_VLM_MAX_TOKENS"] = str(DEFAULT_MAXIMUM_TOKENS)
    if options.get("trustRemoteCode"):
        variables["MLX_TRUST_REMOTE_CODE"] = "true"
    return variables
