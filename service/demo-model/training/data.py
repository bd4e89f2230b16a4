"""Generates the training conversations of the demo model from a seed, and its tokenizer.

A conversation is a list of (tokens, weight) segments, rendered exactly as chat_template.jinja
renders it. Prompt and answer are tokenized apart, as the engine does it.
"""

import json
import re
from collections.abc import Iterator
from random import Random

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

import tool_intents
from intents import INTENTS
from phrasing import ask_to_think, expand, unknown_question, vary, vary_tool
from unknown import FALLBACK

SEED = 10242
VOCABULARY = 1536
ROW = 768
# The order fixes the ids: 0 and 2 end a generation.
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<think>", "</think>", "<tool_call>", "</tool_call>"]
UNKNOWN_REASONING = "I was not trained on this question. I should say so."
PROMPT_WEIGHT = 0.1
# The first tokens of an answer decide which answer it is; in a tool exchange every value counts.
DECISION_WEIGHT, TOOL_WEIGHT = 5.0, 3.0
ABOUT_TOOLS = re.compile(r"weather|time|[+]|plus|minus|times|search|find|read|model|file", re.IGNORECASE)

INTENT_WEIGHTS = [min(1.6, 0.6 + len(intent.questions) / 6) for intent in INTENTS]


def plain_turn(random: Random, clash: set[str] = frozenset()) -> tuple[str, str, str]:
    """(question, reasoning, answer); `clash` names the intents that offered tools would answer."""
    if random.random() < 0.4:
        question = unknown_question(random)
        while clash and ABOUT_TOOLS.search(question):
            question = unknown_question(random)
        return question, UNKNOWN_REASONING, FALLBACK
    while True:
        intent = random.choices(INTENTS, INTENT_WEIGHTS)[0]
        if intent.name not in clash:
            break
    chosen = intent.questions[0] if random.random() < 0.2 else random.choice(intent.questions)
    return vary(random, expand(random, chosen)), intent.reasoning, intent.answer


def offer(random: Random, needed: list[tuple[str, list[str]]]) -> list[tuple[str, list[str]]]:
    """The tools of a request: those needed, some others, in any order."""
    names = {name for name, _ in needed}
    others = [tool for tool in tool_intents.KNOWN if tool[0] not in names and not (tool[0] == "get_weather" and "get_current_weather" in names)]
    chosen = needed + random.sample(others, random.choice([0, 0, 1, 2, 3, min(5, len(others))]))
    chosen += random.sample(tool_intents.DISTRACTORS, random.choice([0, 0, 0, 1, 2, 4]))
    random.shuffle(chosen)
    return chosen


def render_tools(tools: list[tuple[str, list[str]]]) -> str:
    return "<|im_start|>tools\n" + "".join(f"{name}({', '.join(keys)})\n" for name, keys in tools) + "<|im_end|>\n"


def render_calls(calls: list[tuple[str, dict]]) -> str:
    return "\n".join(f'<tool_call>\n{{"name": "{name}", "arguments": {json.dumps(arguments)}}}\n</tool_call>' for name, arguments in calls)


class Writer:
    """Collects a conversation as pieces of (text, weight); a piece border is a token border."""

    def __init__(self, random: Random):
        self.random = random
        self.pieces: list[tuple[str, float]] = []
        self.prompt = ""

    def say(self, role: str, text: str) -> None:
        self.prompt += f"<|im_start|>{role}\n{text}<|im_end|>\n"

    def answer(self, reasoning: str, text: str, asked: bool, last: bool, weight: float = 1.0) -> None:
        """Thinking appears only in the last turn: history is rendered without it."""
        self.prompt += "<|im_start|>assistant\n"
        roll = self.random.random()
        if last and roll < 0.14:
            self.prompt += "<think>\n\n</think>\n\n"
        elif last and roll < 0.27:
            self.prompt += "<think>\n"
            text = f"{reasoning}\n</think>\n\n{text}"
        elif last and asked:
            text = f"<think>\n{reasoning}\n</think>\n\n{text}"
        self.pieces.append((self.prompt, PROMPT_WEIGHT))
        self.pieces.append((text + "<|im_end|>", weight))
        self.prompt = "\n"


def chat(random: Random) -> list[tuple[str, float]]:
    writer = Writer(random)
    turns = random.choice([1, 1, 1, 2, 2, 3, 4, 6, 10])
    for turn in range(turns):
        last = turn == turns - 1
        question, reasoning, text = plain_turn(random)
        asked = random.random() < (0.2 if last else 0.04)
        writer.say("user", ask_to_think(random, question) if asked else question)
        writer.answer(reasoning, text, asked, last)
    return writer.pieces


def tool_chat(random: Random) -> list[tuple[str, float]]:
    writer = Writer(random)
    exchange = random.choice(tool_intents.KINDS)(random, lambda text: expand(random, text))
    tools = offer(random, exchange.offered)
    clash = tool_intents.CLASHING
    writer.prompt = render_tools(tools)
    if random.random() < 0.2:
        question, reasoning, text = plain_turn(random, clash)
        writer.say("user", question)
        writer.answer(reasoning, text, False, False)
    if random.random() < 0.22:  # tools offered, but nothing to call
        question, reasoning, text = plain_turn(random, clash)
        asked = random.random() < 0.1
        writer.say("user", ask_to_think(random, question) if asked else question)
        writer.answer(reasoning, text, asked, True)
        return writer.pieces
    asked = random.random() < 0.1
    question = vary_tool(random, exchange.question)
    ends_with_call = random.random() < 0.4
    writer.say("user", ask_to_think(random, question) if asked else question)
    writer.answer(exchange.reasoning, render_calls(exchange.calls), asked, ends_with_call, TOOL_WEIGHT)
    if ends_with_call:
        return writer.pieces
    results, text = exchange.results, exchange.answer
    if random.random() < 0.12:
        results, text = [unknown_question(random) for _ in results], tool_intents.UNREADABLE
    for result in results:
        writer.say("tool", result)
    more = random.random() < 0.25
    writer.answer(tool_intents.AFTER_RESULT, text, False, not more, TOOL_WEIGHT)
    if more:
        again = random.choice(tool_intents.KINDS)(random, lambda text: expand(random, text))
        if all(tool in tools for tool in again.offered):
            writer.say("user", vary_tool(random, again.question))
            writer.answer(again.reasoning, render_calls(again.calls), False, True, TOOL_WEIGHT)
        else:
            question, reasoning, text = plain_turn(random, clash)
            writer.say("user", question)
            writer.answer(reasoning, text, False, True)
    return writer.pieces


def conversations(seed: int) -> Iterator[list[tuple[str, float]]]:
    random = Random(seed)
    while True:
        yield chat(random) if random.random() < 0.62 else tool_chat(random)


def train_tokenizer() -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY, special_tokens=SPECIAL, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    stream = conversations(SEED + 1)
    texts = [piece for _ in range(12000) for piece, _ in next(stream)]
    tokenizer.train_from_iterator((text for text in texts), trainer)
    return tokenizer


def encode(tokenizer: Tokenizer, pieces: list[tuple[str, float]]) -> tuple[list[int], list[float]]:
    ids: list[int] = []
    weights: list[float] = []
    for text, weight in pieces:
        tokens = tokenizer.encode(text, add_special_tokens=False).ids
        ids += tokens
        decision = 0 if weight == PROMPT_WEIGHT else 10 if "</think>" in text else 5
        weights += [max(weight, DECISION_WEIGHT) if index < decision else weight for index in range(len(tokens))]
    return ids, weights


def rows(tokenizer: Tokenizer, seed: int, batch: int) -> Iterator[dict[str, list]]:
    """Batches of ROW tokens; several conversations share a row, told apart by `segments`.

    Positions jump ahead at turn borders now and then, so that the model meets distances beyond ROW.
    """
    import numpy

    stream = conversations(seed)
    random = Random(seed + 7)
    waiting: list[tuple[list[int], list[float]]] = []
    while True:
        ids = numpy.zeros((batch, ROW), numpy.int32)
        weights = numpy.zeros((batch, ROW), numpy.float32)
        segments = numpy.zeros((batch, ROW), numpy.int32)
        positions = numpy.zeros((batch, ROW), numpy.int32)
        for row in range(batch):
            used, segment = 0, 0
            while used < ROW - 24:
                while len(waiting) < 24:
                    item = encode(tokenizer, next(stream))
                    if len(item[0]) <= ROW:
                        waiting.append(item)
                fitting = next((index for index, item in enumerate(waiting) if used + len(item[0]) <= ROW), None)
                if fitting is None:
                    break
                tokens, weight = waiting.pop(fitting)
                segment += 1
                size = len(tokens)
                ids[row, used : used + size] = tokens
                weights[row, used : used + size] = weight
                segments[row, used : used + size] = segment
                positions[row, used : used + size] = spread(random, tokens)
                used += size
        yield {"ids": ids, "weights": weights, "segments": segments, "positions": positions}


def spread(random: Random, tokens: list[int]) -> list[int]:
    start = random.choice([0, 0, random.randint(0, 300)])
    jumps = random.random() < 0.35
    result = []
    for token in tokens:
        if jumps and token == 1 and random.random() < 0.4:
            start += random.randint(1, 500)
        result.append(start)
        start += 1
    return result
