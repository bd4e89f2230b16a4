"""How a rank of a cluster comes to its control stream: a TCP connection to the service, proven with a secret.

The secret comes by standard input, never by arguments or environment, and is not sent: the rank answers the service's
challenge with a keyed hash of it.
"""

import hashlib
import hmac
import json
import os
import socket
import struct
import sys

READY_MARK = "rank waits for its secret"
# What the head names its own temporary folder to the ranks of its host with.
USUAL_TEMPORARY_FOLDER = "CLUSTER_USUAL_TMPDIR"
CONNECT_TIMEOUT_SECONDS = 15
LONGEST_LINE_BYTES = 1024
# As for the inherited stream: who reads nothing for so long is gone.
SEND_TIMEOUT_SECONDS = 30


def receive_secret() -> str:
    """Say that this rank listens, read one line, and close the standard input. Raises EOFError without a line."""
    print(READY_MARK, flush=True)
    secret = sys.stdin.readline().strip()
    silence = os.open(os.devnull, os.O_RDONLY)
    os.dup2(silence, 0)
    os.close(silence)
    if secret == "":
        raise EOFError("mlx.launch ended before this rank had its secret")
    return secret


def join(address: str, rank: int, secret: str) -> socket.socket:
    """A connected control stream. Raises OSError when the service cannot be reached, ValueError when it is not ours."""
    host, _, port = address.rpartition(":")
    stream = socket.create_connection((host.strip("[]"), int(port)), CONNECT_TIMEOUT_SECONDS)
    nonce = _challenge(stream)
    proof = hmac.new(secret.encode(), f"{nonce}:{rank}".encode(), hashlib.sha256).hexdigest()
    stream.sendall((json.dumps({"type": "join", "rank": rank, "proof": proof}) + "\n").encode())
    stream.settimeout(None)
    stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    # A host that loses its power says nothing: its peers find out by themselves.
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", SEND_TIMEOUT_SECONDS, 0))
    return stream


def _challenge(stream: socket.socket) -> str:
    line = b""
    # Byte by byte: what follows belongs to the control stream.
    while not line.endswith(b"\n"):
        byte = stream.recv(1)
        if byte == b"" or len(line) >= LONGEST_LINE_BYTES:
            raise ValueError("the service did not ask who this is")
        line += byte
    message = json.loads(line)
    if not isinstance(message, dict) or message.get("type") != "challenge" or not isinstance(message.get("nonce"), str):
        raise ValueError("the service did not ask who this is")
    return message["nonce"]
