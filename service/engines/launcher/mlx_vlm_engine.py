"""mlx_vlm.server run inside the launcher: its application and its generator, behind our socket and our guard.

The model is loaded before the application starts, by the engine's own function, so that a failed load is `fatal` and
`ready` means ready. Every name taken from the engine is checked before use.
"""

import importlib
import json
import os
import socket
import threading
import time
import traceback
from pathlib import Path
from typing import Any, NoReturn

import mlx.core
import uvicorn
from mlx_vlm import prompt_utils, structured
from mlx_vlm.server import generation
from mlx_vlm.server.runtime import runtime
from mlx_vlm.server.runtime_config import RuntimeConfig

from asgi_guard import Guard
from asgi_server import SEAMS, run
from control import Control
from mlx_vlm_checks import check_vision_request
from mlx_vlm_mask import mask_on_processors
from options import Options
from single_calls import with_single_calls

# The package has its application under the module's name.
engine = importlib.import_module("mlx_vlm.server.app")

WATCH_SECONDS = 0.5
_OUT_OF_MEMORY_SIGNS = ("[metal::malloc]", "insufficient memory", "unable to allocate", "bad_alloc", "out of memory")
_SEAMS = {
    engine: ("app", "get_cached_model"),
    generation: ("GenerationArguments", "ResponseGenerator", "PromptTooLongError"),
    generation.ResponseGenerator: ("_run", "generate"),
    uvicorn.Server: SEAMS,
    RuntimeConfig: ("from_env",),
    structured: ("_apply_llguidance_mask",),
    prompt_utils: ("get_chat_template",),
}


def check_seams() -> None:
    """Raises ImportError naming what this version of the engine lacks, before anything is half replaced."""
    for owner, names in _SEAMS.items():
        for name in names:
            if not hasattr(owner, name):
                raise ImportError(f"mlx_vlm.server has no {owner.__name__}.{name}: this launcher does not fit it")


def serve(options: Options, listening: socket.socket, control: Control) -> NoReturn:
    """Load and serve until stopped. Returns never: `fatal` and `stopped` end the process."""
    started = time.monotonic()
    runtime.config = RuntimeConfig.from_env()
    generation.PromptTooLongError = _PromptTooLong
    mask_on_processors()
    prompt_utils.get_chat_template = with_single_calls(prompt_utils.get_chat_template)
    facts = _load(options, control)
    _watch(runtime.response_generator, control)

    def check(body: dict[str, Any]) -> None:
        check_vision_request(body, options.model, facts.get("vocabularySize", 0))

    def served() -> None:
        control.send("listening", port=listening.getsockname()[1])
        control.send("ready", loadSeconds=round(time.monotonic() - started, 3), **facts)

    run(Guard(engine.app, control.token, check), listening, served)
    control.fatal("internal", "the engine's server returned by itself")


class _PromptTooLong(generation.PromptTooLongError):
    """The gateway knows this beginning and answers with the error clients know."""

    def __init__(self, text: str) -> None:
        super().__init__(f"context overflow: {text}")


def _load(options: Options, control: Control) -> dict[str, Any]:
    """What `ready` tells about the model. A model that cannot be loaded, or gives no token, is `fatal`."""
    if "model_file" in _config(options.model) and not options.engine.get("trustRemoteCode"):
        # The engine would run it without asking.
        control.fatal("model_load_failed", "the model brings code of its own, which is not run unless the profile says so")
    loaded = threading.Event()
    report = threading.Thread(target=_report, args=(options.model, control, loaded), name="load-progress", daemon=True)
    report.start()
    try:
        _, processor, config = engine.get_cached_model(options.model, None, model_kind="text_generation")
    except BaseException as error:
        _fail(control, "model_load_failed", "the model could not be loaded", error)
    finally:
        loaded.set()
    report.join()
    control.send("loading", phase="warming")
    try:
        _warm(processor)
    except BaseException as error:
        if "kvBits" in options.engine:
            _fail(control, "invalid_options", "the model does not run with these options", error)
        _fail(control, "model_load_failed", "the model gave no token", error)
    return _facts(options.model, config)


def _facts(model: str, config: Any) -> dict[str, Any]:
    stored = _config(model)
    text_config = getattr(config, "text_config", None)
    facts: dict[str, Any] = {"model": model, "modelType": stored.get("model_type", "unknown")}
    facts["vocabularySize"] = int(getattr(text_config, "vocab_size", None) or getattr(config, "vocab_size", 0) or 0)
    context_length = getattr(text_config, "max_position_embeddings", None)
    if isinstance(context_length, int) and context_length > 0:
        facts["contextLength"] = context_length
    if facts["vocabularySize"] == 0:
        del facts["vocabularySize"]
    return facts


def _config(model: str) -> dict[str, Any]:
    path = Path(model) / "config.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def _warm(processor: Any) -> None:
    """One token through the generator that will serve: compiles the kernels of text."""
    tokenizer = getattr(processor, "tokenizer", processor)
    word = tokenizer.decode([next(iter(tokenizer.get_vocab().values()), 0)]) or "Hi"
    _, tokens = runtime.response_generator.generate(word, args=generation.GenerationArguments(max_tokens=1))
    for _ in tokens:
        return
    raise RuntimeError("the model produced no token")


def _report(model: str, control: Control, loaded: threading.Event) -> None:
    """Progress in bytes that really are in memory: silence is a hang, so only what has moved is told."""
    names = [name for name in os.listdir(model) if name.endswith(".safetensors")]
    total = sum(os.path.getsize(os.path.join(model, name)) for name in names)
    told = -1
    while not loaded.wait(WATCH_SECONDS):
        done = min(mlx.core.get_active_memory(), total)
        if done > told:
            told = done
            control.send("loading", phase="loading-weights", done=done, total=total)
    control.send("loading", phase="loading-weights", done=total, total=total)


def _watch(generator: Any, control: Control) -> None:
    """Without its thread HTTP would answer on, for nothing."""

    def watch() -> None:
        while generator._thread.is_alive():
            time.sleep(WATCH_SECONDS)
        control.fatal("generation_thread_died", "the generation thread ended")

    threading.Thread(target=watch, name="generation-watch", daemon=True).start()


def _fail(control: Control, code: str, what: str, error: BaseException) -> NoReturn:
    text = str(getattr(error, "detail", "")) or "".join(traceback.format_exception_only(error)).strip()
    if isinstance(error, MemoryError) or any(sign in text.lower() for sign in _OUT_OF_MEMORY_SIGNS):
        code = "out_of_memory"
    control.fatal(code, f"{what}: {text}", error)
