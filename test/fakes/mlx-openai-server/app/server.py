"""The engine's application: loads in its lifespan, answers by the type of its model, permits every web page.

With `fake-engine.json` in the model's folder: `{"failsToLoad": true}`, `{"hangs": true}`, `{"vector": []}`.
"""

import asyncio
import hashlib
import json
from pathlib import Path
from typing import Any

import uvicorn

from .config import MLXServerConfig


def setup_server(config_args: MLXServerConfig) -> uvicorn.Config:
    return uvicorn.Config(_Application(config_args), host=config_args.host, port=config_args.port)


class _Application:
    def __init__(self, config: MLXServerConfig) -> None:
        self._config = config
        self._is_loaded = False
        flags = Path(config.model_path) / "fake-engine.json"
        self._flags: dict[str, Any] = json.loads(flags.read_text()) if flags.is_file() else {}

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            return await self._lifespan(receive, send)
        body = b""
        message = {"more_body": True}
        while message.get("more_body"):
            message = await receive()
            body += message.get("body", b"")
        status, answer = await self._answer(scope["method"], scope["path"], body)
        content = json.dumps(answer).encode()
        headers = [(b"content-type", b"application/json"), (b"access-control-allow-origin", b"*")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    async def _lifespan(self, receive: Any, send: Any) -> None:
        await receive()
        if self._flags.get("failsToLoad"):
            return await send({"type": "lifespan.startup.failed", "message": "Failed to initialize MLX handler"})
        self._is_loaded = True
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})

    async def _answer(self, method: str, path: str, body: bytes) -> tuple[int, Any]:
        kind = self._config.model_type
        if (method, path) == ("GET", "/health"):
            return 200, {"status": "ok", "model_id": self._config.model_path, "model_status": "initialized"}
        if self._flags.get("hangs"):
            await asyncio.Event().wait()
        if (method, path) == ("POST", "/v1/embeddings"):
            if kind != "embeddings":
                return 400, _error("Unsupported model type for embeddings.", "unsupported_request", 400)
            return 200, self._embeddings(json.loads(body))
        if (method, path) == ("POST", "/v1/audio/transcriptions") and kind == "whisper":
            if b"RIFF" not in body or b'name="model"' not in body:
                return 422, {"detail": [{"loc": ["body", "file"], "msg": "Field required", "type": "missing"}]}
            return 200, {"text": "", "usage": {"type": "duration", "seconds": 1}}
        return 400, _error("Unsupported model type. Model type must be 'lm' or 'multimodal'", "unsupported_request", 400)

    def _embeddings(self, request: dict[str, Any]) -> dict[str, Any]:
        texts = [request["input"]] if isinstance(request["input"], str) else request["input"]
        vectors = [self._flags.get("vector", _vector(text)) for text in texts]
        data = [{"embedding": vector, "index": index, "object": "embedding"} for index, vector in enumerate(vectors)]
        return {"object": "list", "data": data, "model": request["model"], "usage": None}


def _vector(text: str) -> list[float]:
    return [byte / 255 for byte in hashlib.sha256(text.encode()).digest()[:8]]


def _error(message: str, kind: str, code: int) -> dict[str, Any]:
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}
