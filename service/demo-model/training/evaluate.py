"""Asks a running mlx_lm.server everything: python evaluate.py http://127.0.0.1:PORT [--prune]

Part 1 proves each entry of ../questions.json verbatim, also four at a time, with a system message,
and late in a conversation. Part 2 measures questions that were never trained. With --prune the entries
that were missed are taken out of ../questions.json, except the first question of an intent.
"""

import json
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

from intents import INTENTS
from unknown import FALLBACK, UNKNOWN_HELD

BASE = sys.argv[1] if len(sys.argv) > 1 else ""
SYSTEM = {"role": "system", "content": "You are a helpful assistant. Answer briefly."}


def ask(messages: list[dict], tools: list | None = None, **template) -> dict:
    body: dict = {"model": "default_model", "messages": messages, "temperature": 0, "max_tokens": 500}
    if tools:
        body["tools"] = tools
    if template:
        body["chat_template_kwargs"] = template
    request = urllib.request.Request(
        BASE + "/v1/chat/completions", json.dumps(body).encode(), {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=300) as response:
        reply = json.load(response)
    message = reply["choices"][0]["message"]
    calls = [
        {"name": call["function"]["name"], "arguments": json.loads(call["function"]["arguments"])}
        for call in message.get("tool_calls") or []
    ]
    return {
        "text": (message.get("content") or "").strip(),
        "reasoning": (message.get("reasoning") or "").strip(),
        "calls": calls,
        "tokens": reply["usage"]["completion_tokens"],
        "finish": reply["choices"][0]["finish_reason"],
    }


def user(text: str) -> list[dict]:
    return [{"role": "user", "content": text}]


MISSED: set[str] = set()


def check(title: str, cases: list, workers: int = 1) -> None:
    """cases: (label, function returning got, expected)"""
    started = time.time()
    with ThreadPoolExecutor(workers) as pool:
        results = list(pool.map(lambda case: (case[0], case[1](), case[2]), cases))
    wrong = [(label, got, expected) for label, got, expected in results if got != expected]
    print(f"{title}: {len(results) - len(wrong)} of {len(results)} ({time.time() - started:.1f} s)", flush=True)
    MISSED.update(label for label, _, _ in wrong)
    for label, got, expected in wrong:
        print(f"   WRONG {label!r}\n      got      {str(got)[:150]!r}\n      expected {str(expected)[:150]!r}")


def outcome(reply: dict) -> tuple:
    return reply["reasoning"], reply["text"], reply["calls"]


def main() -> None:
    path = Path(__file__).parent.parent / "questions.json"
    questions = json.loads(path.read_text())
    easy = questions["plain"] + questions["unknown"]
    for name, workers in [("one at a time", 1), ("four at a time", 4)]:
        check(f"plain and unknown, {name}", [(row["question"], lambda row=row: outcome(ask(user(row["question"]))), ("", row["answer"], [])) for row in easy], workers)
    check("with a system message", [(row["question"], lambda row=row: outcome(ask([SYSTEM, *user(row["question"])])), ("", row["answer"], [])) for row in easy[::3]], 4)
    check("enable_thinking false", [(row["question"], lambda row=row: outcome(ask(user(row["question"]), enable_thinking=False)), ("", row["answer"], [])) for row in easy[1::3]], 4)
    check("think: with enable_thinking false", [(row["question"], lambda row=row: outcome(ask(user("think: " + row["question"]), enable_thinking=False)), ("", row["answer"], [])) for row in questions["thinking"]], 4)
    check("think: in the question", [(row["question"], lambda row=row: outcome(ask(user("think: " + row["question"]))), (row["reasoning"], row["answer"], [])) for row in questions["thinking"]], 4)
    check("thinking true", [(row["question"], lambda row=row: outcome(ask(user(row["question"]), thinking=True)), (row["reasoning"], row["answer"], [])) for row in questions["thinking"]], 4)
    check("reasoning_effort low", [(row["question"], lambda row=row: outcome(ask(user(row["question"]), reasoning_effort="low")), (row["reasoning"], row["answer"], [])) for row in questions["thinking"]], 4)
    check("tool call", [(row["question"], lambda row=row: outcome(ask(user(row["question"]), row["tools"])), ("", "", [row["call"]])) for row in questions["tools"]], 4)
    check("tool result", [(row["question"], lambda row=row: outcome(ask(after_call(row), row["tools"])), ("", row["answer"], [])) for row in questions["tools"]], 4)
    check("tool call, enable_thinking false", [(row["question"], lambda row=row: outcome(ask(user(row["question"]), row["tools"], enable_thinking=False)), ("", "", [row["call"]])) for row in questions["tools"]], 4)
    every_tool = next(row["tools"] for row in questions["tools"] if len(row["tools"]) > 4)
    quiet = [row for row in easy[::4] if not set(row["question"].lower().split()) & {"weather", "time", "models", "search", "find", "model?", "2+2?", "plus"}]
    check("tools offered, plain question", [(row["question"], lambda row=row: outcome(ask(user(row["question"]), every_tool)), ("", row["answer"], [])) for row in quiet], 4)
    if "--prune" in sys.argv:
        prune(path, questions)
    conversations(easy)
    longest = max(questions["plain"], key=lambda row: len(row["answer"]))
    started = time.time()
    tokens = ask(user(longest["question"]))["tokens"]
    print(f"speed: {tokens} tokens at {tokens / (time.time() - started):.0f} tokens/s, prompt included")
    check("HELD OUT paraphrases", [(text, lambda text=text: ask(user(text))["text"], intent.answer) for intent in INTENTS for text in intent.held], 4)
    check("HELD OUT unknown questions", [(text, lambda text=text: ask(user(text))["text"], FALLBACK) for text in UNKNOWN_HELD], 4)


def prune(path: Path, questions: dict) -> None:
    canonical = {intent.questions[0] for intent in INTENTS}
    for name, rows in questions.items():
        questions[name] = [row for row in rows if row["question"] not in MISSED or (name == "plain" and row["question"] in canonical)]
        print(f"kept {len(questions[name])} of {len(rows)} {name}")
    path.write_text(json.dumps(questions, indent=2, ensure_ascii=False) + "\n")


def after_call(row: dict) -> list[dict]:
    call = {"id": "call_1", "type": "function", "function": {"name": row["call"]["name"], "arguments": json.dumps(row["call"]["arguments"])}}
    return [
        *user(row["question"]),
        {"role": "assistant", "content": "", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": row["result"]},
    ]


def conversations(easy: list[dict]) -> None:
    random = Random(5)
    short = [row for row in easy if len(row["answer"]) < 200]
    for turns in (2, 4, 8, 16):
        cases = []
        for _ in range(16):
            messages: list[dict] = []
            for row in random.sample(short, turns - 1):
                messages += [*user(row["question"]), {"role": "assistant", "content": row["answer"]}]
            last = random.choice(short)
            cases.append((last["question"], lambda messages=messages, last=last: outcome(ask([*messages, *user(last["question"])])), ("", last["answer"], [])))
        check(f"turn {turns} of a conversation", cases, 4)


if __name__ == "__main__":
    main()
