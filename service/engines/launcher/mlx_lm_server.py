"""Entry of the engine `mlx-lm`: `python mlx_lm_server.py --model <folder> …` with the control stream on descriptor 3.

Order matters: own group, guardian, hello, port, engine. The engine's import comes last; it takes seconds and starts
threads.
"""

import importlib.metadata
import os
import platform
import signal
import socket
import sys
import threading
from typing import NoReturn

# The launcher's own folder may be read-only or packaged: it gets no __pycache__. The engine's environment does.
sys.dont_write_bytecode = True
# A launcher folder on sys.path[0] is Python's default for scripts; isolated interpreters (-I, -P) do not set it.
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from control import PROTOCOL, Control, adopt_socket
from listener import bind_first_free_port
from memory import start_sampling
from mlx_lm_options import CHECKS
from options import Options, parse_options
from process_group import lead_own_group, start_guardian

ENGINE = "mlx-lm"
# The engine gets a folder and nothing else: it never asks the network for anything.
OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "DO_NOT_TRACK": "1"}


def main() -> NoReturn:
    os.environ.update(OFFLINE)
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    stream = adopt_socket()
    lead_own_group()
    start_guardian(stream)
    control = Control(stream)
    control.send(
        "hello",
        protocol=PROTOCOL,
        pid=os.getpid(),
        token=control.token,
        engine=ENGINE,
        engineVersion=_engine_version(),
        pythonVersion=platform.python_version(),
    )
    signal.signal(signal.SIGTERM, lambda *_: control.stopped())
    control.read(on_stop=control.stopped)
    start_sampling(control)
    options = _options(control)
    listening = _bind(control, options)
    _serve(control, options, listening)


def _engine_version() -> str:
    try:
        return importlib.metadata.version(ENGINE)
    except importlib.metadata.PackageNotFoundError:
        # The import that follows fails and says so with its traceback.
        return "absent"


def _options(control: Control) -> Options:
    try:
        options = parse_options(sys.argv[1:], CHECKS)
    except ValueError as error:
        control.fatal("invalid_options", str(error), error)
    # Anything else than a folder would be taken for a Hub id.
    if not os.path.isabs(options.model) or not os.path.isdir(options.model):
        control.fatal("model_load_failed", f"the model folder does not exist: {options.model}")
    return options


def _bind(control: Control, options: Options) -> socket.socket:
    try:
        return bind_first_free_port(options.host, options.port_start, options.port_count)
    except OSError as error:
        control.fatal("port_unavailable", str(error), error)


def _serve(control: Control, options: Options, listening: socket.socket) -> NoReturn:
    imported = threading.Event()
    threading.Thread(target=_report_import, args=(control, imported), name="import-progress", daemon=True).start()
    try:
        sys.dont_write_bytecode = False
        import mlx_lm.server  # noqa: F401 (the slow part, and the part worth caching)

        sys.dont_write_bytecode = True
        import mlx_lm_engine

        mlx_lm_engine.check_seams()
    except BaseException as error:
        control.fatal("import_failed", f"the engine could not be imported: {error}", error)
    finally:
        imported.set()
    try:
        mlx_lm_engine.serve(options, listening, control)
    except BaseException as error:
        control.fatal("internal", f"the engine's server ended: {error}", error)


def _report_import(control: Control, imported: threading.Event) -> None:
    """Progress only while modules really arrive: an import that hangs must run into the start deadline."""
    reported = 0
    while not imported.is_set():
        if len(sys.modules) > reported:
            reported = len(sys.modules)
            control.send("loading", phase="importing", done=reported)
        imported.wait(0.5)


if __name__ == "__main__":
    main()
