"""The engine's own port: bound by the socket that will serve it, and useless without the token."""

import errno
import hmac
import json
import socket
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN_HEADER = "x-mlx-manager-token"
# Only for reading a request's head before the token is known; an authorised stream may rest as long as it likes.
HEAD_TIMEOUT_SECONDS = 15
BACKLOG = 128
DRAIN_BYTES = 1024 * 1024
DRAIN_TIMEOUT_SECONDS = 2


def bind_first_free_port(host: str, port_start: int, port_count: int) -> socket.socket:
    """A listening socket on the first port that takes one. Nobody probes: two launchers can never agree on one port.

    Raises OSError when the whole range is taken.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    last_error: OSError | None = None
    for port in range(port_start, min(port_start + port_count, 65536)):
        candidate = socket.socket(family, socket.SOCK_STREAM)
        # Elsewhere than on Linux the option would let us sit on a port that another program holds on all addresses.
        if sys.platform == "linux":
            candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            candidate.bind((host, port))
            # On Linux two sockets may bind with that option; only one can listen. Both belong to one attempt.
            candidate.listen(BACKLOG)
            return candidate
        except OSError as error:
            candidate.close()
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise
            last_error = error
    raise OSError(errno.EADDRINUSE, f"no free port from {port_start} on ({port_count} tried): {last_error}")


class LauncherServer(ThreadingHTTPServer):
    """A threading server around a socket that already listens; one daemon thread per request, as the engine does."""

    daemon_threads = True

    def __init__(self, listening: socket.socket, handler: Any) -> None:
        super().__init__(listening.getsockname(), handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listening
        self.server_name, self.server_port = "localhost", listening.getsockname()[1]


class GuardedHandler(BaseHTTPRequestHandler):
    """Refuses every request without the token before any of it is interpreted. Mixed in before the engine's handler."""

    token = ""
    timeout = HEAD_TIMEOUT_SECONDS
    # Small event writes must not wait for the peer's delayed acknowledgement.
    disable_nagle_algorithm = True

    def parse_request(self) -> bool:
        """Part of the standard server's contract: False means that the answer has been sent."""
        if not super().parse_request():
            return False
        given = self.headers.get(TOKEN_HEADER) or ""
        if not hmac.compare_digest(given.encode("utf-8", "replace"), self.token.encode()):
            self._refuse()
            return False
        self.connection.settimeout(None)
        return True

    def version_string(self) -> str:
        return "mlx-manager-engine"

    def _refuse(self) -> None:
        body = json.dumps({"error": f"unauthorized: {TOKEN_HEADER} is missing or wrong"}).encode()
        self.send_response(401)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.close_connection = True
        self._drain()

    def _drain(self) -> None:
        # Closing with unread bytes resets the connection, and the client would lose the answer.
        self.connection.settimeout(DRAIN_TIMEOUT_SECONDS)
        try:
            length = int(self.headers.get("Content-Length") or 0)
            self.rfile.read(max(0, min(length, DRAIN_BYTES)))
        except (OSError, ValueError) as error:
            self.log_message("refused request not drained: %s", error)
