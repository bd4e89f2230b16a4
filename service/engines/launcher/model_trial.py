"""Whether a loaded model fits together and runs with its options, before the first request."""

from typing import Any

import mlx.core
from mlx_lm.generate import stream_generate
from mlx_lm.models.cache import make_prompt_cache


def trace(model: Any, tokenizer: Any) -> int:
    """The true width of the vocabulary. Nothing is computed: arrays are lazy, and the service asks for a token itself.

    What does not fit together (a weight of another shape) still raises here, where it is a failed load.
    """
    token = next(iter(tokenizer.eos_token_ids), 0)
    logits = model(mlx.core.array([[token]]), cache=make_prompt_cache(model))
    return int(logits.shape[-1])


def warm_special(provider: Any) -> None:
    """Two tokens the way requests will run: a model that cannot do it fails here, not at each request."""
    arguments, draft = provider.cli_args, provider.draft_model
    if draft is None and arguments.kv_bits is None:
        return
    token = next(iter(provider.tokenizer.eos_token_ids), 0)
    special = {
        "draft_model": draft,
        "num_draft_tokens": arguments.num_draft_tokens,
        "kv_bits": arguments.kv_bits,
        "kv_group_size": arguments.kv_group_size,
        "quantized_kv_start": 0,
    }
    for _ in stream_generate(provider.model, provider.tokenizer, mlx.core.array([token]), max_tokens=2, **special):
        pass
