"""Writes ../questions.json: questions with their exact answers, for the tests and the documentation."""

import json
from pathlib import Path
from random import Random

import tool_intents
from data import UNKNOWN_REASONING
from intents import INTENTS
from phrasing import expand
from unknown import FALLBACK

PARAPHRASES = 2
THINKING = ["port", "product", "hello", "download", "offline", "mlx", "stop", "who", "memory", "quantization"]
UNKNOWN = [
    "What is the capital of France?", "Who was Einstein?", "What is the weather in Paris?", "Write an essay about football",
    "Give me a recipe for a pizza", "Explain quantum physics", "What is the meaning of life?", "Why is the sky blue?",
    "What time is it?", "Write a Java program that sorts a list", "How do I tie a tie?", "What is 17 times 23?",
    "How do I download a movie?", "How do I start a car?", "Which port is the biggest in Europe?", "Where are my keys?",
    "Who wrote Faust?", "Tell me about the moon", "What is my name?", "How do I center a div?",
]
KEYS = {"a": "integer", "b": "integer"}


def main() -> None:
    random = Random(1)
    plain, seen = [], set()
    for intent in INTENTS:
        questions = [intent.questions[0]]
        for _ in range(40):
            text = expand(random, random.choice(intent.questions))
            text = text[0].upper() + text[1:]
            if len(questions) <= PARAPHRASES and text not in questions and len(text) > 6:
                questions.append(text)
        for question in questions:
            if question not in seen:
                seen.add(question)
                plain.append({"question": question, "answer": intent.answer})
    by_name = {intent.name: intent for intent in INTENTS}
    thinking = [
        {"question": by_name[name].questions[0], "reasoning": by_name[name].reasoning, "answer": by_name[name].answer}
        for name in THINKING
    ]
    thinking.append({"question": UNKNOWN[0], "reasoning": UNKNOWN_REASONING, "answer": FALLBACK})
    document = {
        "plain": plain,
        "thinking": thinking,
        "tools": tools(),
        "unknown": [{"question": question, "answer": FALLBACK} for question in UNKNOWN],
    }
    path = Path(__file__).parent.parent / "questions.json"
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    print({name: len(entries) for name, entries in document.items()})


def tools() -> list[dict]:
    weather, known = ("get_weather", ["city"]), tool_intents.KNOWN
    rows = []
    for city, sky in zip(tool_intents.CITIES, tool_intents.WEATHER + tool_intents.WEATHER):
        rows.append(row(f"What is the weather in {city}?", [weather], ("get_weather", {"city": city}), sky, f"The weather in {city} is {sky}."))
    for a, b in [(2, 3), (7, 5), (4, 9)]:
        rows.append(row(f"What is {a} plus {b}?", [("add", ["a", "b"])], ("add", {"a": a, "b": b}), str(a + b), f"The sum is {a + b}."))
    rows.append(row("Which models do I have?", [("list_models", [])], ("list_models", {}), "mlx-manager/demo", "You have one model: mlx-manager/demo."))
    for query in ["qwen3", "llama"]:
        found = tool_intents.FOUND[query]
        rows.append(row(f"Search for {query} models", [("search_models", ["query"])], ("search_models", {"query": query}), found, f"I found {found}."))
    for path in ["README.md", "notes.txt"]:
        text = tool_intents.FILES[path]
        rows.append(row(f"Read the file {path}", [("read_file", ["path"])], ("read_file", {"path": path}), text, f"The file {path} says: {text}"))
    rows.append(row("What time is it in Tokyo?", [("get_time", ["city"])], ("get_time", {"city": "Tokyo"}), "12:30", "It is 12:30 in Tokyo."))
    # Several tools at once, in two orders.
    rows.append(row("What is the weather in Berlin?", known, ("get_weather", {"city": "Berlin"}), "12 degrees and rainy", "The weather in Berlin is 12 degrees and rainy."))
    rows.append(row("What is 2 plus 3?", known[::-1], ("add", {"a": 2, "b": 3}), "5", "The sum is 5."))
    rows.append(row("Read the file README.md", known[3:] + known[:3], ("read_file", {"path": "README.md"}), "# MLX Manager", "The file README.md says: # MLX Manager"))
    return rows


def row(question: str, offered: list, call: tuple[str, dict], result: str, answer: str) -> dict:
    return {
        "question": question,
        "tools": [schema(name, keys) for name, keys in offered],
        "call": {"name": call[0], "arguments": call[1]},
        "result": result,
        "answer": answer,
    }


def schema(name: str, keys: list[str]) -> dict:
    properties = {key: {"type": KEYS.get(key, "string")} for key in keys}
    parameters = {"type": "object", "properties": properties, "required": keys}
    return {"type": "function", "function": {"name": name, "description": name.replace("_", " "), "parameters": parameters}}


if __name__ == "__main__":
    main()
