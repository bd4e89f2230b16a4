"""Entry of the engine `mlx-openai-server`: its application behind our socket, token and checks. Apple silicon alone."""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any, NoReturn

# The launcher's own folder may be read-only or packaged: it gets no __pycache__. The engine's environment does.
sys.dont_write_bytecode = True
# A launcher folder on sys.path[0] is Python's default for scripts; isolated interpreters (-I, -P) do not set it.
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from launcher_start import begin, bind, import_engine, read_options
from mlx_openai_options import CHECKS, configuration
from request_checks import check_embeddings, check_request


def main() -> NoReturn:
    control = begin("mlx-openai-server")
    options = read_options(control, CHECKS)
    listening = bind(control, options)
    config, server, serving = import_engine(control, _engine)
    started = time.monotonic()

    def served() -> None:
        control.send("listening", port=listening.getsockname()[1])
        control.send("ready", loadSeconds=round(time.monotonic() - started, 3), **_facts(options.model))

    control.send("loading", phase="loading-weights")
    try:
        # The model is loaded when the application starts, before anything is answered; a failure ends the server.
        arguments = config.MLXServerConfig(model_path=options.model, **configuration(options.engine))
        application = server.setup_server(arguments).app
        serving.run(_guard(application, control.token, options.engine.get("modelType", "lm")), listening, served)
    except BaseException as error:
        control.fatal("internal", f"the engine's server ended: {error}", error)
    control.fatal("model_load_failed", "the engine ended while it loaded the model; its log says why")


def _guard(application: Any, token: str, model_type: str) -> Any:
    """A model serves one path; the others would answer an error at best."""
    from asgi_guard import Guard

    if model_type == "embeddings":
        return Guard(application, token, check_embeddings, "/v1/embeddings")
    if model_type == "whisper":
        return Guard(application, token, None, "/v1/audio/transcriptions")
    return Guard(application, token, check_request)


def _engine() -> tuple[Any, Any, Any]:
    import app.config
    import app.server

    sys.dont_write_bytecode = True
    import asgi_server

    for owner, name in ((app.config, "MLXServerConfig"), (app.server, "setup_server")):
        if not hasattr(owner, name):
            raise ImportError(f"mlx-openai-server has no {name}: this launcher does not fit it")
    return app.config, app.server, asgi_server


def _facts(model: str) -> dict[str, Any]:
    config = Path(model) / "config.json"
    stored = json.loads(config.read_text(encoding="utf-8")) if config.is_file() else {}
    text_config = stored.get("text_config") if isinstance(stored.get("text_config"), dict) else stored
    facts: dict[str, Any] = {"model": model, "modelType": stored.get("model_type", "unknown")}
    for name, key in (("contextLength", "max_position_embeddings"), ("vocabularySize", "vocab_size")):
        value = text_config.get(key)
        if isinstance(value, int) and value > 0:
            facts[name] = value
    return facts


if __name__ == "__main__":
    main()
