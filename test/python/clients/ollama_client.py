"""What the official `ollama` package sees of every call that it has on our routes."""

import base64
import os
import tempfile

import ollama
from pydantic import BaseModel

from either import each, failure, got, tell, told

models = told["models"]
hi = [{"role": "user", "content": "Hi"}]


class Weather(BaseModel):
    city: str
    degrees: int


def get_weather(city: str) -> str:
    """The weather of a city.

    Args:
        city: its name
    """
    return "18 degrees in " + city


async def facts(client):
    return {
        "library": await of_library(client),
        "chat": await of_chat(client),
        "tools": await of_tools(client),
        "generate": await of_generate(client),
        "embed": await of_embed(client),
        "keep": await of_keep(client),
        "pull": await of_pull(client),
        "failures": await of_failures(client),
    }


async def of_library(client):
    listed = (await got(client.list())).models
    shown = await got(client.show(models["seeing"]))
    return {
        "listed": sorted(model.model for model in listed),
        "whole": all(model.digest and model.size and model.modified_at and model.details.family for model in listed),
        "shown": [shown.details.family, shown.capabilities, shown.parameters, "llama.context_length" in shown.modelinfo],
    }


async def of_chat(client):
    asked = dict(model=models["thinking"], messages=hi)
    whole = await got(client.chat(**asked, think=True))
    lines = await each(client.chat(**asked, think="high", stream=True))
    picture = base64.b64decode(told["picture"])
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "a.png")
        with open(path, "wb") as file:
            file.write(picture)
        seen = [
            (await got(client.chat(model=models["seeing"], messages=[dict(hi[0], images=[image])]))).message.content
            for image in (path, picture, told["picture"])
        ]
    structured = await got(client.chat(model=models["structured"], messages=hi, format=Weather.model_json_schema()))
    free = await got(client.chat(model=models["structured"], messages=hi, format="json"))
    options = dict(temperature=0, num_predict=3, seed=7, stop=["never"], num_ctx=1024)
    cut = await got(client.chat(model=models["long"], messages=hi, options=options))
    typed = ollama.Options(num_predict=2)
    return {
        "whole": [whole.message.role, whole.message.content, whole.message.thinking, whole.done, whole.done_reason],
        "counts": [whole.prompt_eval_count > 0, whole.eval_count, whole.total_duration >= whole.eval_duration > 0],
        "lines": [
            "".join(line.message.content or "" for line in lines),
            "".join(line.message.thinking or "" for line in lines),
            [line.done for line in lines].index(True) == len(lines) - 1,
            lines[-1].eval_count,
        ],
        "seen": seen,
        "structured": Weather.model_validate_json(structured.message.content).model_dump(),
        "free": free.message.content,
        "cut": [cut.message.content, cut.done_reason],
        "typed": (await got(client.chat(model=models["long"], messages=hi, options=typed))).message.content,
    }


async def of_tools(client):
    asked = dict(model=models["calling"], tools=[get_weather])
    first = await got(client.chat(messages=hi, **asked))
    [call] = first.message.tool_calls
    result = {"role": "tool", "tool_name": call.function.name, "content": get_weather(**call.function.arguments)}
    second = await got(client.chat(messages=[*hi, first.message, result], **asked))
    lines = await each(client.chat(messages=hi, **asked, stream=True))
    return {
        "call": [call.function.name, dict(call.function.arguments)],
        "answer": second.message.content,
        "streamed": [[line.done, len(line.message.tool_calls)] for line in lines if line.message.tool_calls],
    }


async def of_generate(client):
    asked = dict(model=models["thinking"], prompt="Once", system="Be kind.")
    whole = await got(client.generate(**asked))
    lines = await each(client.generate(**asked, stream=True))
    structured = await got(client.generate(model=models["structured"], prompt="Hi", format=Weather.model_json_schema()))
    seen = await got(client.generate(model=models["seeing"], prompt="What is it?", images=[told["picture"]]))
    return {
        "whole": [whole.response, whole.thinking, whole.done_reason],
        "lines": ["".join(line.response for line in lines), lines[-1].done],
        "structured": Weather.model_validate_json(structured.response).model_dump(),
        "seen": seen.response,
    }


async def of_embed(client):
    model = models["vectors"]
    one = await got(client.embed(model=model, input="four"))
    many = await got(client.embed(model=model, input=["a", "bb"], truncate=True, dimensions=3))
    older = await got(client.embeddings(model=model, prompt="four"))
    return {
        "one": [list(vector) for vector in one.embeddings],
        "many": [list(vector) for vector in many.embeddings],
        "older": list(older.embedding),
        "counts": [many.prompt_eval_count, many.total_duration > 0],
    }


async def of_keep(client):
    """Loads and unloads without a text, and says how long a model stays."""
    name = models["plain"]

    async def running():
        return [model for model in (await got(client.ps())).models if model.model == name]

    await got(client.generate(model=name, keep_alive=0))
    before = len(await running())
    loaded = await got(client.generate(model=name, keep_alive="90m"))
    [there] = await running()
    minutes = (there.expires_at.timestamp() - loaded_at(loaded)) / 60
    await got(client.chat(model=name, messages=[], keep_alive=-1))
    [kept] = await running()
    unloaded = await got(client.chat(model=name, messages=[], keep_alive=0))
    return {
        "reasons": [loaded.done_reason, unloaded.done_reason],
        "before": before,
        "minutes": 88 < minutes < 92,
        "forever": kept.expires_at.year,
        "there": [there.size > 0, there.size_vram > 0, there.context_length, there.details.family],
        "after": len(await running()),
    }


def loaded_at(answer):
    from datetime import datetime

    return datetime.fromisoformat(answer.created_at.replace("Z", "+00:00")).timestamp()


async def of_pull(client):
    name = models["elsewhere"]
    lines = await each(client.pull(name, stream=True))
    present = name in [model.model for model in (await got(client.list())).models]
    again = await got(client.pull(name))
    deleted = await got(client.delete(name))
    return {
        "lines": [lines[0].status, lines[-1].status],
        "progress": any(line.total and line.completed == line.total for line in lines),
        "present": present,
        "again": again.status,
        "deleted": deleted.status,
        "gone": name not in [model.model for model in (await got(client.list())).models],
    }


async def of_failures(client):
    return {
        "unknown": (await failure(lambda: client.chat(model="nobody/nothing", messages=hi)))[:2],
        "refused": (await failure(lambda: client.chat(model=models["plain"], messages=hi, logprobs=True)))[:2],
        "broken": (await failure(lambda: client.chat(model=models["broken"], messages=hi, stream=True)))[:1],
        "brokenWhole": (await failure(lambda: client.chat(model=models["broken"], messages=hi)))[:2],
        "notOfTheHub": (await failure(lambda: client.pull("llama3.2")))[:2],
        "notHere": (await failure(lambda: client.show("nobody/nothing")))[:2],
        "create": (await failure(lambda: client.create("mine", from_=models["plain"])))[:2],
        "copy": (await failure(lambda: client.copy(models["plain"], "mine")))[:2],
        "push": (await failure(lambda: client.push("mine")))[:2],
    }


tell(facts, ollama.Client(host=told["address"]), ollama.AsyncClient(host=told["address"]))
