"""An answer that goes on from the conversation's last message, from the request's own field `continue_answer`.

The engine always asks its template for a new turn. Here the template writes the last message with a mark at its end, and
the prompt is what stands before the mark: the turn is left open, whatever the template would close it with.
"""

from collections.abc import Iterator
from typing import Any

# How vocabularies write the space that a word begins with.
_SPACES = ("\u2581", "\u0120")
# The space at its end tells templates that trim what they are given.
_MARK = "ANSWER_GOES_ON "


class OpenEndedTokenizer:
    """The engine's tokenizer for one request: all of it, but for how a conversation becomes a prompt."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tokenizer, name)

    def apply_chat_template(self, messages: list[dict[str, Any]], tokenize: bool = True, **named: Any) -> Any:
        marked = [*messages[:-1], {**messages[-1], "content": messages[-1]["content"] + _MARK}]
        named["add_generation_prompt"] = False
        text = open_end(self._tokenizer.apply_chat_template(marked, tokenize=False, **named))
        return self._tokenizer.encode(text, add_special_tokens=False) if tokenize else text


def open_end(text: str) -> str:
    """What stands before the mark. Raises ValueError where the template left the message out."""
    at = text.rfind(_MARK.strip())
    if at == -1:
        raise ValueError("this model's template cannot leave the assistant's last message open")
    return text[:at] if text.startswith(_MARK, at) else text[:at].rstrip()


def with_first_space(response: Iterator[Any], tokenizer: Any) -> Iterator[Any]:
    """The engine's decoders take the space off an answer's first word; here it belongs to the text before."""
    is_first, space = True, ""
    for part in response:
        if is_first:
            words = tokenizer.convert_ids_to_tokens([part.token])
            space = " " if words[0].startswith(_SPACES) else ""
            is_first = False
        if space and part.text:
            part.text, space = space + part.text, ""
        yield part


def check_continued(body: dict[str, Any]) -> None:
    """Raises ValueError where the request asks for it and there is nothing to go on from."""
    asked = body.get("continue_answer", False)
    if not isinstance(asked, bool):
        raise ValueError("continue_answer must be of type bool")
    messages = body.get("messages") or [{}]
    last = messages[-1]
    if asked and (last.get("role") != "assistant" or not isinstance(last.get("content"), str) or last.get("tool_calls")):
        raise ValueError("continue_answer needs a text of the assistant as the last message")
