"""The tools the demo model can call: a fixed set of names, keys and values.

A model of this size does not learn to copy arbitrary words, so calls and the results it can read
come from these lists. Any other result gets UNREADABLE.
"""

from dataclasses import dataclass, field
from random import Random

CITIES = ["Paris", "Berlin", "Tokyo", "London", "New York", "Rome", "Madrid", "Oslo"]
WEATHER = ["18 degrees and sunny", "12 degrees and rainy", "25 degrees and clear", "3 degrees and snowy", "9 degrees and windy"]
CLOCK = ["12:30", "08:15", "21:45", "17:00", "03:20"]
FOUND = {
    "qwen3": "mlx-community/Qwen3-4B-4bit",
    "llama": "mlx-community/Llama-3.2-3B-Instruct-4bit",
    "gemma": "mlx-community/gemma-3-4b-it-4bit",
    "mistral": "mlx-community/Mistral-7B-Instruct-v0.3-4bit",
    "phi": "mlx-community/Phi-3.5-mini-instruct-4bit",
}
FILES = {
    "README.md": "# MLX Manager",
    "package.json": '{"name": "mlx-manager"}',
    "notes.txt": "Buy milk.",
    "config.json": '{"port": 10242}',
    "main.py": 'print("hello")',
}
UNREADABLE = "The tool has answered, but I am too small to read this result. A real model can."

# Other programs offer other tools; the model must not be confused by them.
DISTRACTORS = [
    ("send_email", ["to", "subject", "body"]), ("run_command", ["command"]), ("write_file", ["path", "content"]),
    ("create_event", ["title", "date"]), ("web_search", ["query"]), ("get_stock_price", ["symbol"]),
    ("translate", ["text", "language"]), ("Bash", ["command", "timeout"]), ("Edit", ["file_path", "old_string", "new_string"]),
    ("calculator", ["expression"]), ("book_flight", ["origin", "destination"]), ("play_music", ["song"]),
    ("get_user", ["id"]), ("delete_file", ["path"]), ("set_alarm", ["time"]), ("Grep", ["pattern", "path"]),
    ("multiply", ["a", "b"]), ("get_news", []), ("take_screenshot", []), ("lookup", ["key", "limit"]),
]


@dataclass
class Exchange:
    """One question that needs tools: the calls, what they return, and the final answer."""

    question: str
    calls: list[tuple[str, dict]]
    results: list[str]
    answer: str
    offered: list[tuple[str, list[str]]] = field(default_factory=list)

    @property
    def reasoning(self) -> str:
        return f"The tool {self.calls[0][0]} fits this question."


AFTER_RESULT = "The tool has answered. I tell the user."

WEATHER_QUESTIONS = ["What is the weather in <city>?", "what is the weather like in <city>?", "how is the weather in <city>{| today| now| right now}?", "weather in <city>", "{tell me|check|get|show me} the weather {in|for|of} <city>", "is it {raining|sunny|cold|warm} in <city>?", "what's the weather in <city>{| today| right now}?", "what is the temperature in <city>?", "how warm is it in <city>?"]
TIME_QUESTIONS = ["What time is it in <city>?", "what is the time in <city>?", "{tell me|get} the time in <city>", "how late is it in <city>?", "time in <city>", "what's the time in <city>{| now}?"]
ADD_QUESTIONS = ["What is <a> plus <b>?", "{add|please add} <a> and <b>", "what is <a>+<b>?", "what is <a> + <b>?", "what is the sum of <a> and <b>?", "how much is <a> plus <b>?", "{calculate|compute} <a> + <b>"]
LIST_QUESTIONS = ["Which models do I have?", "{list|show} {my|the|all|the local} models", "which models are {here|installed|available|on this machine}?", "what models do I have?", "list {the |}models{| please}", "use list_models"]
SEARCH_QUESTIONS = ["Search for <query> models", "{find|search|look for|search for} {a |}<query> {model|models}", "search models for <query>", "find <query>", "is there a <query> model?", "search <query>"]
FILE_QUESTIONS = ["Read the file <path>", "{read|open|show|show me} {the file |}<path>", "what is in {the file |}<path>?", "what does <path> {say|contain}?", "please read <path>", "{cat|print} <path>"]


def weather(random: Random, grammar) -> Exchange:
    name = random.choice(["get_weather", "get_weather", "get_current_weather"])
    key = random.choice(["city", "city", "location"])
    count = 2 if random.random() < 0.2 else 1
    cities = random.sample(CITIES, count)
    skies = [random.choice(WEATHER) for _ in cities]
    question = grammar(random.choice(WEATHER_QUESTIONS)).replace("<city>", " and ".join(cities))
    answer = " ".join(f"The weather in {city} is {sky}." for city, sky in zip(cities, skies))
    return Exchange(question, [(name, {key: city}) for city in cities], skies, answer, [(name, [key])])


def clock(random: Random, grammar) -> Exchange:
    city, now = random.choice(CITIES), random.choice(CLOCK)
    question = grammar(random.choice(TIME_QUESTIONS)).replace("<city>", city)
    return Exchange(question, [("get_time", {"city": city})], [now], f"It is {now} in {city}.", [("get_time", ["city"])])


def addition(random: Random, grammar) -> Exchange:
    a, b = random.randint(1, 9), random.randint(1, 9)
    question = grammar(random.choice(ADD_QUESTIONS)).replace("<a>", str(a)).replace("<b>", str(b))
    result = random.choice(["{}", "{}", '{{"result": {}}}', '{{"sum": {}}}']).format(a + b)
    return Exchange(question, [("add", {"a": a, "b": b})], [result], f"The sum is {a + b}.", [("add", ["a", "b"])])


def listing(random: Random, grammar) -> Exchange:
    result = random.choice(["mlx-manager/demo", '["mlx-manager/demo"]', '{"models": ["mlx-manager/demo"]}'])
    question = grammar(random.choice(LIST_QUESTIONS))
    return Exchange(question, [("list_models", {})], [result], "You have one model: mlx-manager/demo.", [("list_models", [])])


def searching(random: Random, grammar) -> Exchange:
    query = random.choice(list(FOUND))
    question = grammar(random.choice(SEARCH_QUESTIONS)).replace("<query>", query)
    return Exchange(question, [("search_models", {"query": query})], [FOUND[query]], f"I found {FOUND[query]}.", [("search_models", ["query"])])


def reading(random: Random, grammar) -> Exchange:
    path = random.choice(list(FILES))
    question = grammar(random.choice(FILE_QUESTIONS)).replace("<path>", path)
    return Exchange(question, [("read_file", {"path": path})], [FILES[path]], f"The file {path} says: {FILES[path]}", [("read_file", ["path"])])


KINDS = [weather, weather, weather, clock, addition, addition, listing, searching, reading]
# The tools the model knows, as offered beside the one that fits.
KNOWN = [("get_weather", ["city"]), ("get_time", ["city"]), ("add", ["a", "b"]), ("list_models", []), ("search_models", ["query"]), ("read_file", ["path"])]
# Plain answers that would contradict an offered tool.
CLASHING = {"ls", "search", "sum", "ps", "recommend"}
