"""Counts prompts as mlx_lm.server does: its own tokenizer, its own preparation of messages, its own template call.

Reads a list of `{"folder": …, "prompts": [{"messages": […], "tools": […] | null, "variables": {…}}]}` from stdin, a prompt
being `{"text": …}` where there is no conversation, and having `"continues": true` where the answer goes on from the last
message, as the launcher lets it. Writes for each a list of `{"tokens": n, "text": …}` or `{"error": …}`.
"""

import json
import sys
from pathlib import Path
from typing import Any

from mlx_lm.server import process_message_content
from mlx_lm.tokenizer_utils import load

sys.path.insert(0, str(Path(__file__).parents[2] / "service" / "engines" / "launcher"))

from continued_answer import OpenEndedTokenizer  # noqa: E402


def main() -> None:
    json.dump([_count_all(load(Path(model["folder"])), model["prompts"]) for model in json.load(sys.stdin)], sys.stdout)


def _count_all(tokenizer: Any, prompts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [_count(tokenizer, prompt) for prompt in prompts]


def _count(tokenizer: Any, prompt: dict[str, Any]) -> dict[str, Any]:
    if "text" in prompt:
        return {"tokens": len(tokenizer.encode(prompt["text"])), "text": prompt["text"]}
    messages = prompt["messages"]
    if prompt.get("continues"):
        tokenizer = OpenEndedTokenizer(tokenizer)
    process_message_content(messages)
    words = {"tools": prompt.get("tools"), "add_generation_prompt": True, **prompt.get("variables", {})}
    try:
        text = tokenizer.apply_chat_template(messages, tokenize=False, **words)
        return {"tokens": len(tokenizer.apply_chat_template(messages, tokenize=True, **words)), "text": text}
    except Exception as error:
        return {"error": str(error)}


main()
