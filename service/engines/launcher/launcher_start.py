"""What every launcher does before its engine: own group, guardian, `hello`, signals, memory, options, port, import.

Order matters: the guardian is forked before any thread exists, and the engine's import comes last, since it takes
seconds and starts threads.
"""

import importlib.metadata
import os
import platform
import signal
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any

from control import PROTOCOL, Control, adopt_socket
from listener import bind_first_free_port
from memory import start_sampling
from options import Check, Options, parse_options
from process_group import lead_own_group, start_guardian

# The engine gets a folder and nothing else: it never asks the network for anything.
OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "DO_NOT_TRACK": "1"}


def begin(engine: str, stream: socket.socket | None = None) -> Control:
    """From here on the process lives as long as its control stream.

    `stream` is a rank's own; a rank stays in the group that it was started in. Without it descriptor 3 is the stream.
    """
    os.environ.update(OFFLINE)
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    if stream is None:
        stream = adopt_socket()
        lead_own_group()
    start_guardian(stream)
    control = Control(stream)
    control.send(
        "hello",
        protocol=PROTOCOL,
        pid=os.getpid(),
        token=control.token,
        engine=engine,
        engineVersion=_engine_version(engine),
        pythonVersion=platform.python_version(),
    )
    signal.signal(signal.SIGTERM, lambda *_: control.stopped())
    control.read(on_stop=control.stopped)
    start_sampling(control)
    return control


def read_options(control: Control, checks: Mapping[str, Check], arguments: list[str] | None = None) -> Options:
    """The command line, or what is left of it; a wrong one, and a model that is no folder, are `fatal`."""
    try:
        options = parse_options(sys.argv[1:] if arguments is None else arguments, checks)
    except ValueError as error:
        control.fatal("invalid_options", str(error), error)
    # Anything else than a folder would be taken for a Hub id.
    if not os.path.isabs(options.model) or not os.path.isdir(options.model):
        control.fatal("model_load_failed", f"the model folder does not exist: {options.model}")
    return options


def bind(control: Control, options: Options) -> socket.socket:
    """The engine's listening socket; without a free port it is `fatal`."""
    try:
        return bind_first_free_port(options.host, options.port_start, options.port_count)
    except OSError as error:
        control.fatal("port_unavailable", str(error), error)


def import_engine(control: Control, load: Callable[[], Any]) -> Any:
    """What `load` imports, with progress only while modules really arrive: one that hangs runs into the deadline."""
    imported = threading.Event()
    threading.Thread(target=_report_import, args=(control, imported), name="import-progress", daemon=True).start()
    try:
        # The engine's environment keeps its compiled modules, the launcher's own folder gets none.
        sys.dont_write_bytecode = False
        return load()
    except BaseException as error:
        control.fatal("import_failed", f"the engine could not be imported: {error}", error)
    finally:
        sys.dont_write_bytecode = True
        imported.set()


def _engine_version(engine: str) -> str:
    try:
        return importlib.metadata.version(engine)
    except importlib.metadata.PackageNotFoundError:
        # The import that follows fails and says so with its traceback.
        return "absent"


def _report_import(control: Control, imported: threading.Event) -> None:
    reported = 0
    while not imported.is_set():
        if len(sys.modules) > reported:
            reported = len(sys.modules)
            control.send("loading", phase="importing", done=reported)
        imported.wait(0.5)
