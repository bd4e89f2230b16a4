"""One list of questions for a client's blocking form and its awaited one: both must see the same."""

import asyncio
import inspect
import json
import sys


async def got(value):
    return await value if inspect.isawaitable(value) else value


async def each(stream):
    stream = await got(stream)
    if hasattr(stream, "__aiter__"):
        return [item async for item in stream]
    return list(stream)


class inside:
    """`with` or `async with`, whichever the manager knows."""

    def __init__(self, manager):
        self.manager = manager

    async def __aenter__(self):
        enter = getattr(self.manager, "__aenter__", None)
        return await enter() if enter else self.manager.__enter__()

    async def __aexit__(self, *error):
        leave = getattr(self.manager, "__aexit__", None)
        return await leave(*error) if leave else self.manager.__exit__(*error)


async def failure(call, status="status_code"):
    """The name of what a call throws, its status and what it says."""
    try:
        value = call()
        value = await got(value)
        if hasattr(value, "__aiter__") or hasattr(value, "__next__"):
            await each(value)
    except Exception as error:  # which one, is the answer
        return [type(error).__name__, getattr(error, status, None), str(error)]
    return ["nothing", None, ""]


def tell(facts, blocking, awaited):
    """Asks everything with both forms, and prints what they saw."""

    async def both():
        return {"blocking": await facts(blocking), "awaited": await facts(awaited)}

    json.dump(asyncio.run(both()), sys.stdout)


told = json.load(sys.stdin)
