"""What the official `anthropic` package sees of every call that it has on our routes."""

import anthropic
from pydantic import BaseModel

from either import each, failure, got, inside, tell, told

models = told["models"]
hi = [{"role": "user", "content": "Hi"}]
plain = dict(model=models["thinking"], max_tokens=100, messages=hi)
weather = {
    "name": "get_weather",
    "description": "The weather of a city.",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}


class Weather(BaseModel):
    city: str
    degrees: int


async def facts(client):
    return {
        "models": await of_models(client.models),
        "betaModels": sorted([model.id for model in await each(client.beta.models.list(limit=2))]),
        "messages": await of_messages(client.messages),
        "betaMessages": await of_messages(client.beta.messages, betas=["context-management-2025-06-27"]),
        "tools": await of_tools(client.messages),
        "runner": await of_runner(client),
        "failures": await of_failures(client),
    }


async def of_models(found):
    listed = [model.id for model in await each(found.list(limit=3))]
    first = await got(found.list(limit=2))
    second = await got(found.list(limit=2, after_id=first.last_id))
    back = await got(found.list(limit=2, before_id=second.first_id))
    one = await got(found.retrieve("anthropic/" + models["plain"]))
    return {
        "listed": listed,
        "pages": [len(first.data), first.has_more, len(second.data)],
        "back": [model.id for model in back.data] == [model.id for model in first.data],
        "one": [one.id, one.type, one.display_name],
    }


async def of_messages(messages, **more):
    asked = dict(plain, **more)
    whole = await got(messages.create(**asked))
    events = await each(messages.create(**asked, stream=True))
    async with inside(messages.stream(**asked)) as stream:
        texts = await each(stream.text_stream)
        final = await got(stream.get_final_message())
        text = await got(stream.get_final_text())
    async with inside(messages.stream(**asked)) as stream:
        helped = await each(stream)
    structured = dict(asked, model=models["structured"], output_format=Weather)
    parsed = await got(messages.parse(**structured))
    async with inside(messages.stream(**structured)) as stream:
        await each(stream)
        streamed_parsed = (await got(stream.get_final_message())).parsed_output
    raw = await got(messages.with_raw_response.create(**asked))
    async with inside(messages.with_streaming_response.create(**asked, stream=True)) as response:
        lines = [line for line in await each(response.iter_lines()) if line]
    stopped = await got(messages.create(**dict(asked, model=models["long"], stop_sequences=[" t3"])))
    cut = await got(messages.create(**dict(asked, model=models["long"], max_tokens=3)))
    counted = await got(messages.count_tokens(model=models["thinking"], messages=hi, system="Be kind.", tools=[weather]))
    return {
        "whole": told_of(whole) | {"id": whole.id[:4], "request": whole._request_id[:4]},
        "usage": [whole.usage.input_tokens > 0, whole.usage.output_tokens],
        "events": runs_of(events),
        "texts": ["".join(texts), text],
        "final": told_of(final),
        "signed": [bool(block.signature) for block in final.content if block.type == "thinking"],
        "helped": sorted({event.type for event in helped}),
        "parsed": parsed.parsed_output.model_dump(),
        "streamedParsed": streamed_parsed.model_dump(),
        "raw": [raw.status_code, told_of(await got(raw.parse()))["text"]],
        "lines": [lines[0], lines[-1]],
        "stopped": [stopped.stop_reason, stopped.stop_sequence],
        "cut": cut.stop_reason,
        "counted": counted.input_tokens > 0,
        "seen": told_of(await got(messages.create(**seeing(more))))["text"],
        "conversation": told_of(await got(messages.create(**conversation(whole, more))))["text"],
    }


def seeing(more):
    source = {"type": "base64", "media_type": "image/png", "data": told["picture"]}
    content = [{"type": "image", "source": source}, {"type": "text", "text": "What is it?"}]
    return dict(plain, model=models["seeing"], messages=[{"role": "user", "content": content}], **more)


def conversation(answer, more):
    """A next turn with the thoughts as they came, a document and marks for a cache."""
    document = {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "Step 1"}}
    mark = {"type": "ephemeral"}
    messages = [
        *hi,
        {"role": "assistant", "content": answer.content},
        {"role": "user", "content": [document, {"type": "text", "text": "So?", "cache_control": mark}]},
    ]
    system = [{"type": "text", "text": "Be kind.", "cache_control": mark}]
    thinking = {"type": "enabled", "budget_tokens": 1024}
    return dict(plain, max_tokens=1100, messages=messages, system=system, thinking=thinking, **more)


async def of_tools(messages):
    asked = dict(model=models["calling"], max_tokens=100, tools=[weather])
    first = await got(messages.create(messages=hi, **asked))
    [call] = [block for block in first.content if block.type == "tool_use"]
    result = {"type": "tool_result", "tool_use_id": call.id, "content": [{"type": "text", "text": "18 degrees"}]}
    turns = [*hi, {"role": "assistant", "content": first.content}, {"role": "user", "content": [result]}]
    second = await got(messages.create(messages=turns, **asked))
    async with inside(messages.stream(messages=hi, **asked)) as stream:
        pieces = [event.partial_json for event in await each(stream) if event.type == "input_json"]
        final = await got(stream.get_final_message())
    return {
        "call": [first.stop_reason, call.name, call.input],
        "answer": [second.stop_reason, told_of(second)["text"]],
        "streamed": ["".join(pieces), [block.input for block in final.content if block.type == "tool_use"]],
    }


async def of_runner(client):
    called = []

    def get_weather(city: str) -> str:
        """The weather of a city.

        Args:
            city: its name
        """
        called.append(city)
        return "18 degrees"

    async def get_weather_later(city: str) -> str:
        """The weather of a city.

        Args:
            city: its name
        """
        return get_weather(city)

    isAwaited = isinstance(client, anthropic.AsyncAnthropic)
    tool = anthropic.beta_async_tool(get_weather_later) if isAwaited else anthropic.beta_tool(get_weather)
    runner = client.beta.messages.tool_runner(model=models["calling"], max_tokens=100, messages=hi, tools=[tool])
    final = await got(runner.until_done())
    return {"called": called, "answer": told_of(final)["text"]}


async def of_failures(client):
    create = client.messages.create
    long = [{"role": "user", "content": "word " * 6000}]
    too_long = await failure(lambda: create(**dict(plain, messages=long)))
    return {
        "unknown": (await failure(lambda: create(**dict(plain, model="nobody/nothing"))))[:2],
        "refused": (await failure(lambda: create(**plain, container="box")))[:2],
        "wrong": (await failure(lambda: create(**dict(plain, messages=[{"role": "king", "content": ""}]))))[:2],
        "tooLong": [*too_long[:2], "prompt is too long: " in too_long[2]],
        "broken": (await failure(lambda: create(**dict(plain, model=models["broken"]), stream=True)))[:1],
        "brokenWhole": (await failure(lambda: create(**dict(plain, model=models["broken"]))))[:2],
        "modelUnknown": (await failure(lambda: client.models.retrieve("nobody/nothing")))[:2],
        "batches": (await failure(lambda: client.messages.batches.list()))[:2],
    }


def told_of(message):
    return {
        "text": "".join(block.text for block in message.content if block.type == "text"),
        "thought": "".join(block.thinking for block in message.content if block.type == "thinking"),
        "stop": message.stop_reason,
        "model": message.model,
    }


def runs_of(events):
    """Types in their order, each run of one type once: texts come in pieces of any number."""
    types = [event.type for event in events if event.type != "ping"]
    return [kind for at, kind in enumerate(types) if at == 0 or types[at - 1] != kind]


options = dict(base_url=told["address"], api_key="none", max_retries=0)
tell(facts, anthropic.Anthropic(**options), anthropic.AsyncAnthropic(**options))
