"""The control stream: NDJSON in both directions on a Unix socket inherited as descriptor 3 (protocol version 1)."""

import json
import os
import secrets
import socket
import struct
import sys
import threading
import traceback
from collections.abc import Callable
from typing import Any, NoReturn

from process_group import kill_own_group

DESCRIPTOR = 3
PROTOCOL = 1
# A supervisor that has read nothing for this long is gone; blocking for ever would keep a fatal error from ending us.
SEND_TIMEOUT_SECONDS = 30
MAXIMUM_LINE_BYTES = 64 * 1024
MAXIMUM_TRACEBACK_CHARACTERS = 16 * 1024


def adopt_socket() -> socket.socket:
    """The inherited socket, blocking and not inherited further (a compiler child must not keep it open)."""
    os.set_inheritable(DESCRIPTOR, False)
    inherited = socket.socket(fileno=DESCRIPTOR)
    inherited.setblocking(True)
    inherited.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", SEND_TIMEOUT_SECONDS, 0))
    return inherited


class Control:
    """The launcher's end of the control stream.

    Owns the token that every HTTP request must carry: made here, told in `hello` alone.
    """

    def __init__(self, stream: socket.socket) -> None:
        self.token = secrets.token_urlsafe(32)
        self._stream = stream
        self._lock = threading.Lock()
        self._ended = False

    def send(self, message_type: str, **fields: Any) -> None:
        """Write one message. A stream that cannot be written ends the whole group."""
        with self._lock:
            if not self._ended:
                self._write({"type": message_type, **fields})

    def fatal(self, code: str, message: str, error: BaseException | None = None) -> NoReturn:
        """Report why this engine cannot go on, repeat it on stderr, exit with status 1. Nothing is sent afterwards."""
        trace = "".join(traceback.format_exception(error)) if error is not None else ""
        print(f"fatal {code}: {message}\n{trace}", file=sys.stderr, flush=True)
        trace = trace[-MAXIMUM_TRACEBACK_CHARACTERS:]
        with self._lock:
            # Two threads may find the same death; the first one's reason counts, the other only exits.
            if not self._ended:
                self._ended = True
                self._write({"type": "fatal", "code": code, "message": message, "traceback": trace})
        self._leave(1)

    def read(self, on_stop: Callable[[], None]) -> None:
        """Start the reader thread. End of file kills the group; unknown messages are logged and skipped."""
        threading.Thread(target=self._read, args=(on_stop,), name="control", daemon=True).start()

    def stopped(self) -> NoReturn:
        """Exit at once with status 0: open streams end without their last event, which the gateway detects."""
        self._leave(0)

    def _write(self, message: dict[str, Any]) -> None:
        line = json.dumps(message, ensure_ascii=False) + "\n"
        try:
            self._stream.sendall(line.encode("utf-8", "replace"))
        except OSError:
            kill_own_group()

    def _leave(self, status: int) -> NoReturn:
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            # A flush may fail (a signal that interrupted a write); leaving matters more. The generation thread may be
            # inside a native call for minutes: no joining, no exit handlers.
            os._exit(status)

    def _read(self, on_stop: Callable[[], None]) -> None:
        try:
            with self._stream.makefile("rb") as lines:
                while line := lines.readline(MAXIMUM_LINE_BYTES):
                    self._dispatch(line, on_stop)
        except OSError as error:
            print(f"control stream failed: {error}", file=sys.stderr, flush=True)
        kill_own_group()

    def _dispatch(self, line: bytes, on_stop: Callable[[], None]) -> None:
        try:
            message = json.loads(line)
            message_type = message.get("type")
        except (ValueError, AttributeError) as error:
            print(f"control message not understood: {error}", file=sys.stderr, flush=True)
            return
        if message_type == "stop":
            on_stop()
        else:
            print(f"control message of unknown type {message_type!r}", file=sys.stderr, flush=True)
