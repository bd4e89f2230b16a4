"""uvicorn on a socket that already listens: tells when it serves, and leaves the signals to the launcher."""

import contextlib
import socket
from collections.abc import Callable, Iterator
from typing import Any

import uvicorn

SEAMS = ("startup", "capture_signals")


def run(application: Any, listening: socket.socket, served: Callable[[], None]) -> None:
    """Serves until the process ends. `served` is called once requests are answered; what the application loads in its
    lifespan has been loaded by then. uvicorn's own handling of signals waits for open streams, so it is left out."""

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if not self.should_exit:
                served()

        @contextlib.contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

    settings = {"log_level": "info", "access_log": False, "server_header": False, "lifespan": "on", "ws": "none"}
    Server(uvicorn.Config(application, **settings)).run(sockets=[listening])
