"""Entry of the engine `mlx-vlm`: `python mlx_vlm_server.py --model <folder> …`, control stream on descriptor 3."""

import os
import sys
from typing import Any, NoReturn

# The launcher's own folder may be read-only or packaged: it gets no __pycache__. The engine's environment does.
sys.dont_write_bytecode = True
# A launcher folder on sys.path[0] is Python's default for scripts; isolated interpreters (-I, -P) do not set it.
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from launcher_start import begin, bind, import_engine, read_options
from mlx_vlm_options import CHECKS, engine_environment


def main() -> NoReturn:
    control = begin("mlx-vlm")
    options = read_options(control, CHECKS)
    listening = bind(control, options)
    # Some of it is read while the engine is imported.
    os.environ.update(engine_environment(options.engine))
    engine = import_engine(control, _engine)
    try:
        engine.serve(options, listening, control)
    except BaseException as error:
        control.fatal("internal", f"the engine's server ended: {error}", error)


def _engine() -> Any:
    import mlx_vlm.server  # noqa: F401 (the slow part, and the part worth caching)

    sys.dont_write_bytecode = True
    import mlx_vlm_engine

    mlx_vlm_engine.check_seams()
    return mlx_vlm_engine


if __name__ == "__main__":
    main()
