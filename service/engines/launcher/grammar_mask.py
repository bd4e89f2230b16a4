"""One answer's mask over the tokens, as one of the engine's logits processors.

An answer runs through thinking (free, where the model thinks), the opening and closing tags of a call where the engine
reads calls between tags, and between them the grammar. Processors belong to one request of a batch, so the others are
not held up; only the sampled token must be known before the next mask, which costs the batch its look-ahead.

It must never raise: the engine's batch loop would end with it. An answer that cannot go on ends.
"""

import logging
from dataclasses import dataclass, field
from typing import Any

import mlx.core
import numpy

from literal_text import single_tags


@dataclass(frozen=True)
class AnswerFrame:
    """What surrounds the grammar, as tokens."""

    ends: list[int]
    opening: list[int] = field(default_factory=list)
    closing: list[int] = field(default_factory=list)
    # Empty: the model does not think.
    think_start: list[int] = field(default_factory=list)
    think_end: list[int] = field(default_factory=list)
    # Whether the prompt ended inside of thinking.
    is_thinking: bool = False
    # Begin an answer that the grammar does not bind: a call where the text was given a format.
    exits: list[int] = field(default_factory=list)
    # Tags that are one token each: no string is written with them.
    tags: list[int] = field(default_factory=list)


class GrammarMask:
    """Called with all tokens so far and the logits of the next one. Draft models take tokens back: then it begins anew."""

    def __init__(self, matcher: Any, frame: AnswerFrame) -> None:
        self._matcher = matcher
        self._frame = frame
        self._base: int | None = None
        self._seen: list[int] = []
        self._begin()

    def __call__(self, tokens: mlx.core.array, logits: mlx.core.array) -> mlx.core.array:
        if self._base is None:
            self._base = tokens.size
        width = logits.shape[-1]
        try:
            self._follow(tokens[self._base :].tolist())
            allowed = self._allowed(width)
        except Exception:
            logging.exception("an answer could not be held to its grammar")
            self._phase = "over"
            allowed = _only(self._frame.ends, width)
        if allowed is None:
            return logits
        return mlx.core.where(mlx.core.array(allowed), logits, mlx.core.array(-numpy.inf, dtype=logits.dtype))

    def _begin(self) -> None:
        self._seen = []
        self._phase = "thinking" if self._frame.is_thinking else "start"
        self._may_think = len(self._frame.think_start) == 1
        self._place = 0
        self._thoughts: list[int] = []

    def _follow(self, generated: list[int]) -> None:
        known = len(self._seen)
        if generated[:known] != self._seen:
            self._matcher.reset()
            self._begin()
            known = 0
        for token in generated[known:]:
            self._advance(token)
            self._seen.append(token)

    def _advance(self, token: int) -> None:
        frame = self._frame
        if self._phase == "thinking":
            width = len(frame.think_end)
            self._thoughts = [*self._thoughts, token][-width:]
            if self._thoughts == frame.think_end:
                self._phase, self._may_think = "start", False
        elif self._phase == "start" and self._may_think and token == frame.think_start[0]:
            self._phase = "thinking"
        elif self._phase == "start" and token in frame.exits:
            self._phase = "free"
        elif self._phase == "start" and frame.opening:
            self._phase, self._place = "opening", 1
            self._leave(frame.opening, "grammar")
        elif self._phase == "opening":
            self._place += 1
            self._leave(frame.opening, "grammar")
        elif self._phase == "closing":
            self._place += 1
            self._leave(frame.closing, "over")
        elif self._phase in ("start", "grammar"):
            self._phase = "grammar"
            if not self._matcher.consume_token(token) or self._matcher.is_error():
                self._phase = "over"
            elif self._matcher.is_stopped():
                self._phase, self._place = ("closing", 0) if frame.closing else ("over", 0)

    def _leave(self, tags: list[int], following: str) -> None:
        if self._place >= len(tags):
            self._phase, self._place = following, 0

    def _allowed(self, width: int) -> Any:
        """The tokens that may come next; None for all."""
        frame = self._frame
        if self._phase == "free":
            return None
        if self._phase == "thinking":
            # Thinking that ended here would leave no answer.
            return ~_only(frame.ends, width)
        if self._phase == "over":
            return _only(frame.ends, width)
        if self._phase == "closing":
            return _only(frame.closing[self._place : self._place + 1], width)
        if self._phase == "opening":
            return _only(frame.opening[self._place : self._place + 1], width)
        if self._phase == "grammar":
            return self._grammar(width)
        allowed = _only(frame.opening[:1], width) if frame.opening else self._grammar(width)
        return allowed | _only([*frame.exits, *(frame.think_start if self._may_think else [])], width)

    def _grammar(self, width: int) -> Any:
        words = numpy.frombuffer(self._matcher.compute_bitmask(), dtype=numpy.uint8)
        bits = numpy.unpackbits(words, bitorder="little")[:width].astype(bool)
        bits[[token for token in self._frame.tags if token < bits.size]] = False
        if self._matcher.is_error() or not bits.any():
            self._phase = "over"
            return _only(self._frame.ends, width)
        return numpy.pad(bits, (0, width - bits.size))


def _only(tokens: list[int], width: int) -> Any:
    allowed = numpy.zeros(width, dtype=bool)
    allowed[[token for token in tokens if token < width]] = True
    return allowed


def frame_of(tokenizer: Any, grammar: dict[str, Any], initial_state: str, may_think: bool, has_tools: bool) -> AnswerFrame:
    """The frame for one request, from what the engine knows of the model's tags."""

    def encode(text: str) -> list[int]:
        return list(tokenizer.encode(text, add_special_tokens=False))

    thinks = tokenizer.has_thinking and (may_think or initial_state == "reasoning")
    start = list(tokenizer.tool_call_start_tokens or [])
    is_call = "calls" in grammar
    # The one form of calls between tags whose text is the grammar's. Of all others the text itself is the call.
    is_tagged = is_call and getattr(tokenizer.tool_parser, "__module__", "").endswith(".json_tools")
    return AnswerFrame(
        ends=sorted(tokenizer.eos_token_ids),
        opening=encode(f"{tokenizer.tool_call_start}\n") if is_tagged else [],
        closing=encode(f"\n{tokenizer.tool_call_end}") if is_tagged else [],
        think_start=list(tokenizer.think_start_tokens) if thinks else [],
        think_end=list(tokenizer.think_end_tokens) if thinks else [],
        is_thinking=initial_state == "reasoning",
        tags=single_tags(tokenizer),
        exits=start if has_tools and not is_call and len(start) == 1 else [],
    )


def hold_answer(grammars: Any, tokenizer: Any, request: Any, arguments: Any, initial_state: str) -> None:
    """Gives the request's arguments the mask that its processors end with."""
    grammar = getattr(request, "answer_grammar", None)
    if grammar is None:
        return
    may_think = (arguments.chat_template_kwargs or {}).get("enable_thinking", True)
    frame = frame_of(tokenizer, grammar, initial_state, may_think, bool(request.tools))
    arguments.answer_mask = GrammarMask(grammars.matcher(grammar), frame)


def with_mask(make: Any) -> Any:
    """The mask comes last: what it forbids no bias brings back."""

    def making(arguments: Any) -> list[Any]:
        mask = getattr(arguments, "answer_mask", None)
        return [*(make(arguments) or []), *([] if mask is None else [mask])]

    return making
