"""Words of an answer that is held to a form: there a tag of thinking or of a call is text like any other.

The engine looks for its tags in the text, so a `<think>` inside a JSON string took the rest of the answer with it. True
tags are tokens of their own, which no grammar writes inside a string. Here every other token's text gets a mark behind
the signs that tags begin with, which hides it from that search, and what leaves the server is written without the mark.
"""

import json
from collections.abc import Iterator
from copy import copy
from typing import Any

# No text has this code point: Unicode keeps it for a program's own use.
_MARK = "\ufdd0"


def hidden_from_tags(response: Iterator[Any], tokenizer: Any) -> Iterator[Any]:
    """The response's parts, as the engine is to search them."""
    tags = set(tokenizer.get_added_vocab().values())
    beginnings = {tag[0] for tag in _tags_of(tokenizer) if tag}
    for part in response:
        if part.token not in tags:
            part.text = "".join(sign + _MARK if sign in beginnings else sign for sign in part.text)
        yield part


def single_tags(tokenizer: Any) -> list[int]:
    """Tags that are one token each."""
    own = [tokenizer.think_start_tokens, tokenizer.think_end_tokens] if tokenizer.has_thinking else []
    call = [tokenizer.tool_call_start_tokens, tokenizer.tool_call_end_tokens] if tokenizer.has_tool_calling else []
    return [tokens[0] for tokens in [*own, *call] if tokens is not None and len(tokens) == 1]


def without_tags(tokenizer: Any) -> str:
    """The tokenizer as JSON for a grammar, whose strings are written with other tokens than the tags. A grammar that must
    write `<think>` would take the tag, as the tokenizer does, and break on it."""
    whole = copy(tokenizer._tokenizer.backend_tokenizer)
    whole.no_padding()
    whole.no_truncation()
    parts = json.loads(whole.to_str())
    tags = set(single_tags(tokenizer))
    vocabulary = parts["model"].get("vocab")
    for added in parts.get("added_tokens", []):
        if not added.get("special") and added["id"] not in tags:
            continue
        if isinstance(vocabulary, dict) and added["content"] in vocabulary:
            vocabulary[_MARK + added["content"]] = vocabulary.pop(added["content"])
        elif isinstance(vocabulary, list) and added["id"] < len(vocabulary):
            # A list of words with their weights, by number.
            vocabulary[added["id"]][0] = _MARK + added["content"]
        added["content"] = _MARK + added["content"]
    return json.dumps(parts)


def as_written(text: str | None) -> str | None:
    return text and text.replace(_MARK, "")


def calls_as_written(calls: list[dict[str, Any]] | None) -> list[dict[str, Any]] | None:
    for call in calls or []:
        function = call["function"]
        function["arguments"] = as_written(function["arguments"])
    return calls


def _tags_of(tokenizer: Any) -> list[str | None]:
    own = [tokenizer.think_start, tokenizer.think_end] if tokenizer.has_thinking else []
    call = [tokenizer.tool_call_start, tokenizer.tool_call_end] if tokenizer.has_tool_calling else []
    return [*own, *call, *(getattr(tokenizer, "structural_markers", None) or [])]
