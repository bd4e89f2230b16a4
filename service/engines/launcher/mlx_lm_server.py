"""Entry of the engine `mlx-lm`: `python mlx_lm_server.py --model <folder> …` with the control stream on descriptor 3."""

import os
import socket
import sys
from typing import Any, NoReturn

# The launcher's own folder may be read-only or packaged: it gets no __pycache__. The engine's environment does.
sys.dont_write_bytecode = True
# A launcher folder on sys.path[0] is Python's default for scripts; isolated interpreters (-I, -P) do not set it.
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from control import Control
from launcher_start import begin, bind, import_engine, read_options
from mlx_lm_options import CHECKS
from options import Options

ENGINE = "mlx-lm"


def main() -> NoReturn:
    control = begin(ENGINE)
    options = read_options(control, CHECKS)
    serve(control, options, bind(control, options), [])


def serve(control: Control, options: Options, listening: socket.socket | None, arguments: list[str]) -> NoReturn:
    """Import the engine and run it. `listening` is None for a rank that only takes part, `arguments` the engine's own."""
    engine = import_engine(control, _import)
    try:
        engine.serve(options, listening, control, arguments)
    except BaseException as error:
        control.fatal("internal", f"the engine's server ended: {error}", error)


def _import() -> Any:
    import mlx_lm.server  # noqa: F401 (the slow part, and the part worth caching)

    sys.dont_write_bytecode = True
    import mlx_lm_engine

    mlx_lm_engine.check_seams()
    return mlx_lm_engine


if __name__ == "__main__":
    main()
