"""How likely each token of a streamed answer was, from the request's own field `answer_logprobs`: {"top": 0 to 20}.

The engine knows it and says it only in whole answers, in a form of its own. Here each chunk tells it of the tokens that
came since the one before, tags included, in OpenAI's form.
"""

from collections.abc import Iterator
from typing import Any

MOST_ALTERNATIVES = 20
# JSON has no infinity; a token that a mask forbids has it.
_LEAST = -9999.0


def alternatives_of(body: dict[str, Any]) -> int | None:
    """How many likely tokens are asked for at each place; None: nothing is asked. Raises ValueError."""
    asked = body.get("answer_logprobs")
    if asked is None:
        return None
    top = asked.get("top") if isinstance(asked, dict) else None
    if not isinstance(top, int) or isinstance(top, bool) or not 0 <= top <= MOST_ALTERNATIVES:
        raise ValueError(f"answer_logprobs must hold top, a number from 0 to {MOST_ALTERNATIVES}")
    return top


def noting(response: Iterator[Any], noted: list[Any]) -> Iterator[Any]:
    for part in response:
        noted.append(part)
        yield part


def logprobs_of(parts: list[Any], tokenizer: Any) -> dict[str, Any]:
    """The `logprobs` of one chunk."""
    return {"content": [_entry(part, tokenizer) for part in parts]}


def _entry(part: Any, tokenizer: Any) -> dict[str, Any]:
    top = sorted(part.top_tokens, key=lambda token: -token["logprob"])
    alternatives = [_token(token["id"], token["logprob"], tokenizer) for token in top]
    return {**_token(part.token, part.logprob, tokenizer), "top_logprobs": alternatives}


def _token(number: int, logprob: float, tokenizer: Any) -> dict[str, Any]:
    written = _bytes_of(tokenizer.convert_ids_to_tokens([number])[0] or "")
    return {"token": written.decode("utf-8", "replace"), "logprob": max(logprob, _LEAST), "bytes": list(written)}


def _bytes_of(word: str) -> bytes:
    """A word of a vocabulary as the bytes it stands for, in either of the two ways to write them."""
    if len(word) == 6 and word.startswith("<0x"):
        return bytes([int(word[3:5], 16)])
    if "\u2581" not in word and all(sign in _BYTES for sign in word):
        return bytes(_BYTES[sign] for sign in word)
    return word.replace("\u2581", " ").encode("utf-8")


def _byte_signs() -> dict[str, int]:
    """Byte-level vocabularies write printable bytes as themselves and the others as signs from 256 on, in order."""
    plain = {*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = [byte for byte in range(256) if byte not in plain]
    return {**{chr(byte): byte for byte in plain}, **{chr(256 + place): byte for place, byte in enumerate(others)}}


_BYTES = _byte_signs()
