"""What the official `openai` package sees of every call that it has on our routes."""

import json

import openai
from pydantic import BaseModel

from either import each, failure, got, inside, tell, told

models = told["models"]
hi = [{"role": "user", "content": "Hi"}]
weather = {
    "name": "get_weather",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    },
    "strict": True,
}


class Weather(BaseModel):
    city: str
    degrees: int


class GetWeather(BaseModel):
    city: str


async def facts(client):
    return {
        "models": await of_models(client),
        "chat": await of_chat(client.chat.completions),
        "completions": await of_completions(client.completions),
        "embeddings": await of_embeddings(client.embeddings),
        "responses": await of_responses(client.responses),
        "failures": await of_failures(client),
    }


async def of_models(client):
    listed = await each(client.models.list())
    raw = await got(client.models.with_raw_response.list(extra_query={"limit": 2}))
    page = await got(raw.parse())
    one = await got(client.models.retrieve(models["plain"]))
    return {
        "listed": sorted(model.id for model in listed),
        "limited": len(page.data),
        "one": [one.id, one.object, one.owned_by, one.created > 0],
    }


async def of_chat(chat):
    plain = dict(model=models["thinking"], messages=hi)
    whole = await got(chat.create(**plain))
    chunks = await each(chat.create(**plain, stream=True, stream_options={"include_usage": True}))
    deltas = [chunk.choices[0].delta for chunk in chunks if chunk.choices]
    async with inside(chat.stream(**plain)) as stream:
        events = await each(stream)
        final = await got(stream.get_final_completion())
    structured = dict(model=models["structured"], messages=hi, response_format=Weather)
    parsed = await got(chat.parse(**structured))
    async with inside(chat.stream(**structured)) as stream:
        await each(stream)
        streamed_parsed = (await got(stream.get_final_completion())).choices[0].message.parsed
    raw = await got(chat.with_raw_response.create(**plain))
    async with inside(chat.with_streaming_response.create(**plain, stream=True)) as response:
        lines = await each(response.iter_lines())
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + told["picture"]}}
    seen = await got(
        chat.create(
            model=models["seeing"],
            messages=[{"role": "user", "content": [{"type": "text", "text": "What is it?"}, image]}],
        )
    )
    cut = await got(chat.create(model=models["long"], messages=hi, max_completion_tokens=3, stop=["nothing"]))
    return {
        "whole": told_of(whole) | {"id": whole.id[:9], "usage": usage_of(whole.usage)},
        "chunks": {
            "text": "".join(delta.content or "" for delta in deltas),
            "thought": "".join(getattr(delta, "reasoning_content", None) or "" for delta in deltas),
            "role": deltas[0].role,
            "finish": [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1],
            "ids": len({chunk.id for chunk in chunks}),
            "usage": usage_of(chunks[-1].usage),
        },
        "events": sorted({event.type for event in events}),
        "final": told_of(final),
        "parsed": parsed.choices[0].message.parsed.model_dump(),
        "streamedParsed": streamed_parsed.model_dump(),
        "raw": [raw.status_code, told_of(await got(raw.parse()))["text"]],
        "lines": [lines[0][:6], [line for line in lines if line][-1]],
        "seen": told_of(seen)["text"],
        "cut": [told_of(cut)["text"], told_of(cut)["finish"]],
        "tools": await of_chat_tools(chat),
    }


async def of_chat_tools(chat):
    asked = dict(model=models["calling"], tools=[{"type": "function", "function": weather}])
    first = await got(chat.create(messages=hi, **asked))
    [call] = first.choices[0].message.tool_calls
    result = {"role": "tool", "tool_call_id": call.id, "content": "18 degrees"}
    second = await got(chat.create(messages=[*hi, first.choices[0].message, result], **asked))
    async with inside(chat.stream(messages=hi, **asked)) as stream:
        events = await each(stream)
        [streamed] = (await got(stream.get_final_completion())).choices[0].message.tool_calls
    typed = dict(model=models["calling"], messages=hi, tools=[openai.pydantic_function_tool(GetWeather)])
    [parsed] = (await got(chat.parse(**typed))).choices[0].message.tool_calls
    return {
        "finish": first.choices[0].finish_reason,
        "call": [call.type, call.function.name, json.loads(call.function.arguments)],
        "answer": told_of(second)["text"],
        "streamed": [streamed.function.name, streamed.function.parsed_arguments],
        "done": [event.arguments for event in events if event.type == "tool_calls.function.arguments.done"],
        "parsed": parsed.function.parsed_arguments.model_dump(),
    }


async def of_completions(completions):
    asked = dict(model=models["plain"], prompt="Once", max_tokens=20)
    whole = await got(completions.create(**asked))
    chunks = await each(completions.create(**asked, stream=True, stream_options={"include_usage": True}))
    return {
        "whole": [whole.object, whole.choices[0].text, whole.choices[0].finish_reason],
        "chunks": "".join(chunk.choices[0].text for chunk in chunks if chunk.choices),
        "finish": [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1],
        "usage": usage_of(chunks[-1].usage),
    }


async def of_embeddings(embeddings):
    model = models["vectors"]
    one = await got(embeddings.create(model=model, input="four"))
    many = await got(embeddings.create(model=model, input=["a", "bb"], encoding_format="float"))
    return {
        "one": [list(each_one.embedding) for each_one in one.data],
        "many": [[each_one.index, each_one.embedding] for each_one in many.data],
        "usage": [many.usage.prompt_tokens, many.usage.total_tokens, many.model],
    }


async def of_responses(responses):
    model = models["thinking"]
    whole = await got(responses.create(model=model, input="Hi", instructions="Be kind."))
    events = await each(responses.create(model=model, input="Hi", stream=True))
    async with inside(responses.stream(model=model, input="Hi")) as stream:
        helped = await each(stream)
        final = await got(stream.get_final_response())
    parsed = await got(responses.parse(model=models["structured"], input="Hi", text_format=Weather))
    async with inside(responses.stream(model=models["structured"], input="Hi", text_format=Weather)) as stream:
        await each(stream)
        streamed_parsed = (await got(stream.get_final_response())).output_parsed
    follow = await got(responses.create(model=model, input="And?", previous_response_id=whole.id))
    kept = await got(responses.retrieve(follow.id))
    replayed = await each(responses.retrieve(follow.id, stream=True))
    rest = await each(responses.retrieve(follow.id, stream=True, starting_after=2))
    items = await each(responses.input_items.list(whole.id))
    counted = await got(responses.input_tokens.count(model=model, input="Hi", instructions="Be kind."))
    cancelled = (await failure(lambda: responses.cancel(whole.id)))[:2]
    await got(responses.delete(whole.id))
    return {
        "whole": said_of(whole),
        "thoughts": ["".join(part.text for part in item.summary) for item in whole.output if item.type == "reasoning"],
        "events": runs_of(events),
        "numbers": [event.sequence_number for event in events] == list(range(len(events))),
        "helped": [event.type for event in helped] == [event.type for event in events],
        "final": said_of(final),
        "parsed": parsed.output_parsed.model_dump(),
        "streamedParsed": streamed_parsed.model_dump(),
        "follow": [follow.previous_response_id == whole.id, said_of(follow)["text"]],
        "kept": kept.to_dict() == follow.to_dict(),
        "replayed": runs_of(replayed) == runs_of(events),
        "replayedRest": [event.sequence_number for event in rest] == list(range(3, len(replayed))),
        "replayedWhole": replayed[-1].response.to_dict() == follow.to_dict(),
        "items": [[item.type, item.role, item.content[0].text] for item in items],
        "counted": [counted.object, counted.input_tokens > 0],
        "cancelled": cancelled,
        "gone": (await failure(lambda: responses.retrieve(whole.id)))[:2],
        "goneTwice": (await failure(lambda: responses.delete(whole.id)))[:2],
        "compact": (await failure(lambda: responses.compact(model=model, input="Hi")))[:2],
        "tools": await of_response_tools(responses),
    }


async def of_response_tools(responses):
    asked = dict(model=models["calling"], tools=[{"type": "function", **weather}])
    first = await got(responses.create(input="Weather?", **asked))
    [call] = [item for item in first.output if item.type == "function_call"]
    result = {"type": "function_call_output", "call_id": call.call_id, "output": "18 degrees"}
    second = await got(responses.create(previous_response_id=first.id, input=[result], **asked))
    async with inside(responses.stream(input="Weather?", **asked)) as stream:
        done = [event for event in await each(stream) if event.type == "response.function_call_arguments.done"]
    return {
        "call": [call.name, json.loads(call.arguments), call.status],
        "answer": second.output_text,
        "streamed": [json.loads(event.arguments) for event in done],
    }


async def of_failures(client):
    chat = client.chat.completions
    unknown = await failure(lambda: chat.create(model="nobody/nothing", messages=hi))
    refused = await failure(lambda: chat.create(model=models["plain"], messages=hi, n=2))
    broken = dict(model=models["broken"], messages=hi)
    return {
        "unknown": unknown[:2],
        "refused": refused[:2],
        "broken": (await failure(lambda: chat.create(**broken, stream=True)))[:1],
        "brokenWhole": (await failure(lambda: chat.create(**broken)))[:2],
        "modelUnknown": (await failure(lambda: client.models.retrieve("nobody/nothing")))[:2],
    }


def runs_of(events):
    """Types in their order, each run of one type once: texts come in pieces of any number."""
    types = [event.type for event in events]
    return [kind for at, kind in enumerate(types) if at == 0 or types[at - 1] != kind]


def told_of(completion):
    choice = completion.choices[0]
    return {
        "text": choice.message.content,
        "thought": getattr(choice.message, "reasoning_content", None),
        "finish": choice.finish_reason,
        "model": completion.model,
    }


def said_of(response):
    return {
        "text": response.output_text,
        "status": response.status,
        "types": [item.type for item in response.output],
        "output": response.usage.output_tokens,
        "instructions": response.instructions,
    }


def usage_of(usage):
    return [usage.prompt_tokens > 0, usage.completion_tokens, usage.total_tokens > usage.completion_tokens]


options = dict(base_url=told["address"] + "/v1", api_key="none", max_retries=0)
tell(facts, openai.OpenAI(**options), openai.AsyncOpenAI(**options))
