"""Messages with several calls, for templates that know one call at a time.

Templates of large families refuse such a message, and with it every later turn of its conversation. Where they do, each
call becomes a message of its own, with its result behind it.
"""

from collections.abc import Callable
from typing import Any

from jinja2.exceptions import TemplateError


class SingleCallTokenizer:
    """The engine's tokenizer for one request: all of it, but for how a conversation becomes a prompt."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tokenizer, name)

    def apply_chat_template(self, messages: list[dict[str, Any]], **named: Any) -> Any:
        return render_calls(lambda given: self._tokenizer.apply_chat_template(given, **named), messages)


def with_single_calls(get_chat_template: Callable[..., Any]) -> Callable[..., Any]:
    """The function of mlx_vlm by which every conversation becomes a prompt."""

    def get(processor: Any, messages: list[Any], *arguments: Any, **named: Any) -> Any:
        return render_calls(lambda given: get_chat_template(processor, given, *arguments, **named), messages)

    return get


def render_calls(render: Callable[[list[Any]], Any], messages: list[Any]) -> Any:
    try:
        return render(messages)
    except TemplateError:
        single = one_call_each(messages)
        if len(single) == len(messages):
            raise
        return render(single)


def one_call_each(messages: list[Any]) -> list[Any]:
    """The same conversation with at most one call in a message; the first one keeps the text."""
    single: list[Any] = []
    rest = list(messages)
    while rest:
        message = rest.pop(0)
        # mlx_vlm writes messages of some models as plain text.
        calls = (message.get("tool_calls") or []) if isinstance(message, dict) else []
        if len(calls) < 2:
            single.append(message)
            continue
        results: list[dict[str, Any]] = []
        while rest and isinstance(rest[0], dict) and rest[0].get("role") == "tool":
            results.append(rest.pop(0))
        for index, call in enumerate(calls):
            said = message if index == 0 else {"role": message["role"], "content": ""}
            single.append({**said, "tool_calls": [call]})
            single.extend(result for result in results if result.get("tool_call_id") == call.get("id"))
        known = [call.get("id") for call in calls]
        single.extend(result for result in results if result.get("tool_call_id") not in known)
    return single
