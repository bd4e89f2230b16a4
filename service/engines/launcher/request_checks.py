"""Requests that would kill mlx_lm.server for good or make it fetch from the network, refused with 400 instead.

The gateway refuses them first, in words fit for its clients; these checks keep one engine alive if anything slips
through. Each line names a defect seen in mlx-lm 0.32.2.
"""

from typing import Any

DEFAULT_MODEL = "default_model"
LARGEST_SEED = 2**64 - 1


def check_request(body: dict[str, Any]) -> None:
    """Raises ValueError, which the engine answers with 400. `body` is the parsed request."""
    # Any other id unloads the model and loads, or downloads, another.
    for key in ("model", "draft_model"):
        if body.get(key, DEFAULT_MODEL) != DEFAULT_MODEL:
            raise ValueError(f"{key} must be {DEFAULT_MODEL}")
    if body.get("adapters") is not None:
        raise ValueError("adapters are not supported")
    _check_stop(body.get("stop"))
    # A list or an empty prompt ends the generation thread.
    if "prompt" in body and (not isinstance(body["prompt"], str) or body["prompt"] == ""):
        raise ValueError("prompt must be a text that is not empty")
    seed = body.get("seed")
    if isinstance(seed, int) and not 0 <= seed <= LARGEST_SEED:
        raise ValueError(f"seed must be between 0 and {LARGEST_SEED}")
    if not isinstance(body.get("stream_options") or {}, dict):
        raise ValueError("stream_options must be an object")
    _check_images(body.get("messages"))


def check_embeddings(body: dict[str, Any]) -> None:
    """Raises ValueError. The engine reads an image from any path or address that it is given."""
    if body.get("model", DEFAULT_MODEL) != DEFAULT_MODEL:
        raise ValueError(f"model must be {DEFAULT_MODEL}")
    if body.get("image_url") is not None:
        raise ValueError("image_url is not supported")
    texts = [body.get("input")] if isinstance(body.get("input"), str) else body.get("input")
    if not isinstance(texts, list) or texts == [] or not all(isinstance(text, str) for text in texts):
        raise ValueError("input must be a text or a list of texts")


def check_sampling(top_k: int, logit_bias: dict[int, float] | None, vocabulary_size: int) -> int:
    """The `top_k` to use. Raises ValueError for a biased token that does not exist (it would end the process)."""
    for token in logit_bias or {}:
        if not 0 <= token < vocabulary_size:
            raise ValueError(f"logit_bias names token {token}; this model has {vocabulary_size}")
    # All tokens allowed is what 0 means; the engine's selection fails when nothing is left to cut.
    return 0 if top_k >= vocabulary_size else top_k


def fit_context(prompt_tokens: int, max_tokens: int, context_tokens: int) -> int:
    """The longest answer that keeps prompt and answer within the limit. Raises ValueError for a prompt that fills it."""
    if prompt_tokens >= context_tokens:
        # The gateway knows this beginning and answers with the error clients know.
        raise ValueError(f"context overflow: the prompt has {prompt_tokens} tokens, the limit is {context_tokens}")
    return min(max_tokens, context_tokens - prompt_tokens)


def check_draft(tokenizers: list[Any]) -> None:
    """Raises ValueError when model and draft count differently: the engine only warns, and its guesses are wrong."""
    if len(tokenizers) == 2 and tokenizers[0].vocab_size != tokenizers[1].vocab_size:
        raise ValueError("the draft model has another vocabulary than the model; choose one of the same family")


def _check_stop(stop: Any) -> None:
    words = [] if stop is None else [stop] if isinstance(stop, str) else stop
    if not isinstance(words, list) or not all(isinstance(word, str) and word for word in words):
        raise ValueError("stop must be a text or a list of texts, none of them empty")


def _check_images(messages: Any) -> None:
    if not isinstance(messages, list) or not all(isinstance(message, dict) for message in messages):
        if messages is None:
            return
        raise ValueError("messages must be a list of objects")
    for message in messages:
        content = message.get("content")
        for part in content if isinstance(content, list) else []:
            source = part.get("image_url", part.get("image")) if isinstance(part, dict) else None
            address = source.get("url") if isinstance(source, dict) else source
            # The engine would fetch the address by itself, for a text model too.
            if address is not None and not (isinstance(address, str) and address.startswith("data:")):
                raise ValueError("images must be data URLs")
