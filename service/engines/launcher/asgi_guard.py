"""In front of an engine that is an ASGI application: the token, the one path that is served, and the request's check.

Everything else of the engine stays out of reach: its routes can unload the model, change its settings, list and load
other models, and read files.
"""

import hmac
import json
from collections.abc import Awaitable, Callable
from typing import Any

from listener import TOKEN_HEADER

LARGEST_BODY_BYTES = 64 * 1024 * 1024
CHAT_PATH = "/v1/chat/completions"
HEALTH_PATH = "/health"

Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Application = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]
Check = Callable[[dict[str, Any]], None]


class Guard:
    """`check` changes the parsed body of a request to `path` in place, or raises ValueError, which is answered with 400.

    Without it the body is no JSON and reaches the engine as it comes.
    """

    def __init__(self, application: Application, token: str, check: Check | None, path: str = CHAT_PATH) -> None:
        self._application = application
        self._token = token.encode()
        self._check = check
        self._path = path

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await self._application(scope, receive, send)
        if scope["type"] != "http":
            # A socket for both directions; the standard's answer to one that is not accepted.
            return await send({"type": "websocket.close", "code": 1008})
        headers = dict(scope["headers"])
        if not hmac.compare_digest(headers.get(TOKEN_HEADER.encode(), b""), self._token):
            return await _refuse(send, 401, f"unauthorized: {TOKEN_HEADER} is missing or wrong")
        if (scope["method"], scope["path"]) not in (("POST", self._path), ("GET", HEALTH_PATH)):
            return await _refuse(send, 404, "there is no such route")
        # Without it the engine's own permission for every web page is not given either.
        quiet = {**scope, "headers": [pair for pair in scope["headers"] if pair[0] != b"origin"]}
        if scope["path"] == HEALTH_PATH or self._check is None:
            return await self._application(quiet, receive, send)
        await self._checked(quiet, receive, send, self._check)

    async def _checked(self, scope: dict[str, Any], receive: Receive, send: Send, check: Check) -> None:
        try:
            body = await _read(receive)
            if body is None:
                return
            request = json.loads(body)
            if not isinstance(request, dict):
                raise ValueError("the body must be a JSON object")
            check(request)
        except OverflowError as error:
            return await _refuse(send, 413, str(error))
        except ValueError as error:
            return await _refuse(send, 400, str(error))
        await self._application(_with_length(scope, checked := json.dumps(request).encode()), _once(checked, receive), send)


async def _read(receive: Receive) -> bytes | None:
    """The whole body; None when the client left. Raises OverflowError."""
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > LARGEST_BODY_BYTES:
            raise OverflowError("the request is too large")
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)


def _with_length(scope: dict[str, Any], body: bytes) -> dict[str, Any]:
    kept = [pair for pair in scope["headers"] if pair[0] not in (b"content-length", b"transfer-encoding")]
    return {**scope, "headers": [*kept, (b"content-length", str(len(body)).encode())]}


def _once(body: bytes, receive: Receive) -> Receive:
    """The checked body once, then what really comes: the news that the client has left, which ends the work."""
    given = False

    async def read() -> dict[str, Any]:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return read


async def _refuse(send: Send, status: int, text: str) -> None:
    body = json.dumps({"error": text}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
