"""A command of mlx_lm, such as `convert`, that ends with the service.

The service keeps standard input open and writes nothing to it. Its end means that the service is gone, however it went:
then this whole process group ends too, so that nothing writes into folders that the next service cleans up.
"""

import os
import runpy
import sys
import threading
from pathlib import Path

from process_group import kill_own_group


def _end_with_service() -> None:
    # Not sys.stdin: a thread that holds its lock while Python ends is a fatal error.
    while os.read(0, 4096):
        pass
    kill_own_group()


def main() -> None:
    """Run `mlx_lm` with the words of the command line."""
    threading.Thread(target=_end_with_service, name="service", daemon=True).start()
    # Our own folder must hide no module of the engine.
    own = Path(__file__).resolve().parent
    sys.path[:] = [entry for entry in sys.path if Path(entry).resolve() != own]
    sys.argv[0] = "mlx_lm"
    runpy.run_module("mlx_lm", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
