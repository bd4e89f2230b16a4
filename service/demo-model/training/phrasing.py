"""Turns the question grammar into what people type, and makes up questions the model cannot answer."""

import re
from random import Random

import tool_intents
from unknown import topics, unknown_extra, unknown_frames, unknown_starts, unknown_verbs

TOPICS, FRAMES, EXTRA, STARTS, VERBS = topics(), unknown_frames(), unknown_extra(), unknown_starts(), unknown_verbs()
STOP_WORDS = {"the", "a", "an", "do", "does", "is", "are", "to", "please", "can", "me"}


def expand(random: Random, text: str) -> str:
    """One random expansion of the question grammar."""
    while "{" in text:
        text = re.sub(r"\{([^{}]*)\}", lambda match: random.choice(match.group(1).split("|")), text)
    return text.strip()


def vary(random: Random, text: str) -> str:
    """Writes a question as people write it: politeness, case, punctuation, a typo."""
    if random.random() < 0.25:
        return text
    if random.random() < 0.12:
        text = random.choice(["please ", "hey, ", "hi, ", "so ", "ok, ", "well, ", "and ", "can you tell me: ", "tell me, ", "question: ", "quick question: ", "hello, ", "I wonder, ", "but "]) + text[0].lower() + text[1:]
    if random.random() < 0.08:
        text = text.rstrip("?.!") + random.choice([", please", " please", ", thanks", " then?", " now?", " again?", " exactly?"])
    if random.random() < 0.08:
        words = text.split(" ")
        dropped = [word for word in words if word.lower() not in STOP_WORDS or random.random() < 0.4]
        text = " ".join(dropped) or text
    if len(text) > 8 and random.random() < 0.07:
        at = random.randrange(1, len(text) - 1)
        text = random.choice([text[:at] + text[at + 1 :], text[:at] + text[at + 1] + text[at] + text[at + 2 :], text[:at] + text[at] + text[at:]])
    roll = random.random()
    if roll < 0.3:
        text = text.lower()
    elif roll < 0.6:
        text = text[0].upper() + text[1:]
    roll = random.random()
    if roll < 0.2:
        text = text.rstrip("?.!")
    elif roll < 0.3:
        text = text.rstrip("?.!") + random.choice(["?", "!", ".", "??", " ?"])
    return text.strip() or "?"


def unknown_question(random: Random) -> str:
    roll = random.random()
    if roll < 0.36:
        text = random.choice(FRAMES).replace("{t}", thing(random)).replace("{u}", thing(random))
    elif roll < 0.56:
        verb = random.choice(VERBS) if random.random() < 0.8 else gibberish(random)
        text = f"{random.choice(STARTS)} {verb} {thing(random)}" + random.choice(["?", "?", "", f" {thing(random)}?", f" with {thing(random)}?", f" and {thing(random)}?", f" in {thing(random)}?"])
    elif roll < 0.64:  # the questions that need a tool, asked without one
        text = tool_question(random)
    elif roll < 0.88:
        text = random.choice(EXTRA)
    else:
        count = random.choice([1, 2, 3, 5, 8, 13, 40, 80]) if roll < 0.97 else 150
        words = [random.choice(random.choice(TOPICS + EXTRA).split(" ")) if random.random() < 0.7 else gibberish(random) for _ in range(count)]
        return " ".join(words)[:700]
    return vary(random, text)


def thing(random: Random) -> str:
    """Often a word that was never seen, as most words of real questions are."""
    roll = random.random()
    if roll < 0.65:
        return random.choice(TOPICS)
    word = gibberish(random)
    return word if roll < 0.85 else random.choice([f"a {word}", f"the {word}", f"{random.choice(TOPICS)} {word}", f"my {word}"])


def tool_question(random: Random) -> str:
    kind = random.choice([tool_intents.weather, tool_intents.weather, tool_intents.clock, tool_intents.addition, tool_intents.reading])
    exchange = kind(random, lambda text: expand(random, text))
    return thing(random) if exchange.calls[0][1] == {"a": 2, "b": 2} else exchange.question


def gibberish(random: Random) -> str:
    syllables = ["ba", "ke", "lo", "tri", "mun", "sta", "ver", "ing", "po", "dra", "is", "ne", "fu", "chi", "ton", "ra", "el", "qua"]
    return "".join(random.choice(syllables) for _ in range(random.randint(1, 4)))


def ask_to_think(random: Random, question: str) -> str:
    if random.random() < 0.5:
        return f"think: {question}"
    return random.choice(["Think: {}", "think step by step: {}", "Think first: {}", "please think: {}", "Think about this: {}", "think, then answer: {}"]).format(question)


def vary_tool(random: Random, text: str) -> str:
    """Case of names must stay: the model copies them into the call."""
    roll = random.random()
    if roll < 0.5:
        text = text[0].upper() + text[1:]
    if random.random() < 0.2:
        text = text.rstrip("?") if text.endswith("?") else text + random.choice([".", " please", "!"])
    return text
