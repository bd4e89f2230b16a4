"""What an answer must be, from the request's own field `answer_grammar`, which the engine itself does not know:

    {"schema": {…}}                                 the text is JSON of this schema
    {"calls": [{"name": …, "parameters": {…}}, …]}  the answer is a call of one of these tools

A schema is taken at its word: what cannot be enforced is refused. Of a tool's parameters what cannot be enforced is
left to the model, as it is where nobody is made to call.
"""

import json
import threading
from collections import OrderedDict
from typing import Any

from literal_text import without_tags

# Compiling takes up to a second for large schemas, and clients send the same one again.
MOST_KEPT = 32
# The form that models write by themselves. Free white space would let a small model write nothing else.
_STYLE = {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}


class AnswerGrammars:
    """Compiles for one model. Its tokenizer is walked once, at the first request that needs it."""

    def __init__(self, tokenizer: Any, vocabulary_size: int) -> None:
        self._tokenizer = tokenizer
        self._vocabulary_size = vocabulary_size
        self._lock = threading.Lock()
        self._vocabulary: Any = None
        self._compiled: OrderedDict[str, Any] = OrderedDict()

    def matcher(self, grammar: Any) -> Any:
        """A matcher at its beginning, the caller's own. Raises ValueError with the reason of a 400."""
        schema, style, name = _schema_of(grammar)
        key = json.dumps([schema, style])
        with self._lock:
            if key not in self._compiled:
                self._compiled[key] = self._compile(schema, style, name)
                if len(self._compiled) > MOST_KEPT:
                    self._compiled.popitem(last=False)
            self._compiled.move_to_end(key)
            return self._compiled[key].deep_copy()

    def _compile(self, schema: dict[str, Any], style: dict[str, Any], name: str) -> Any:
        try:
            import llguidance
        except ImportError as error:
            raise ValueError(f"{name} needs a newer version of this engine: update it") from error
        if self._vocabulary is None:
            ends = sorted(self._tokenizer.eos_token_ids)
            words = without_tags(self._tokenizer)
            self._vocabulary = llguidance.LLTokenizer(words, n_vocab=self._vocabulary_size, eos_token=ends)
        text = llguidance.LLMatcher.grammar_from_json_schema(schema, overrides=style)
        matcher = llguidance.LLMatcher(self._vocabulary, text, log_level=0)
        if matcher.is_error():
            raise ValueError(f"{name} cannot be honoured: {_first_line(matcher.get_error())}")
        return matcher


def _schema_of(grammar: Any) -> tuple[dict[str, Any], dict[str, Any], str]:
    """The schema, how it is compiled, and which parameter of the client it comes from."""
    if isinstance(grammar, dict):
        if isinstance(grammar.get("schema"), dict):
            return grammar["schema"], _STYLE, "response_format"
        calls = grammar.get("calls")
        if isinstance(calls, list) and calls and all(_is_tool(call) for call in calls):
            return _calls_schema(calls), {**_STYLE, "lenient": True}, "tool_choice"
    raise ValueError("answer_grammar must hold a schema or calls")


def _is_tool(call: Any) -> bool:
    return isinstance(call, dict) and isinstance(call.get("name"), str) and isinstance(call.get("parameters"), dict)


def _calls_schema(calls: list[dict[str, Any]]) -> dict[str, Any]:
    """One call of any of the tools. Their schemas point into themselves, so each becomes a definition of its own."""
    definitions: dict[str, Any] = {}
    choices = []
    for number, call in enumerate(calls):
        place = f"#/$defs/tool{number}"
        definitions[f"tool{number}"] = _moved(call["parameters"], place)
        properties = {"name": {"const": call["name"]}, "arguments": {"$ref": place}}
        choices.append(
            {
                "type": "object",
                "properties": properties,
                "required": ["name", "arguments"],
                "additionalProperties": False,
            }
        )
    return {"$defs": definitions, "anyOf": choices}


def _moved(schema: Any, place: str) -> Any:
    if isinstance(schema, list):
        return [_moved(part, place) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: place + part[1:] if key == "$ref" and isinstance(part, str) and part.startswith("#") else _moved(part, place)
        for key, part in schema.items()
    }


def _first_line(text: str) -> str:
    lines = text.strip().splitlines()
    return (lines[0] if lines else "the schema cannot be compiled")[:300]
