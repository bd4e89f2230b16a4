"""The launcher's process group, and the guardian that ends it with the supervisor.

Engines never outlive the service. The launcher leads its own group, so that one signal reaches everything an
engine may start. The control stream's end of file is the order to die; the launcher's reader thread sees it, but a
native call that never returns can hold the interpreter lock, so a second process watches the same descriptor.
"""

import os
import select
import signal
import socket
import time
from typing import NoReturn


def lead_own_group() -> None:
    """Make this process the leader of its group (a no-op when the supervisor spawned it detached)."""
    if os.getpgrp() != os.getpid():
        os.setpgrp()


def kill_own_group() -> NoReturn:
    """SIGKILL every process of this group, this one included."""
    os.killpg(os.getpgrp(), signal.SIGKILL)
    # Only reached if the signal is somehow late: nothing may run on.
    os._exit(137)


def start_guardian(control: socket.socket) -> None:
    """Fork the guardian. Must be called before any thread or engine import exists (a bare fork is safe only then).

    The guardian ends when the launcher does: the launcher keeps the only write end of a pipe, unused.
    """
    alive_read, alive_write = os.pipe()
    if os.fork() != 0:
        os.close(alive_read)
        # alive_write stays open, deliberately, until this process ends. It is not inheritable.
        return
    try:
        os.close(alive_write)
        for ignored in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(ignored, signal.SIG_IGN)
        # The supervisor waits for the end of stdout and stderr: the guardian must not keep them open.
        silence = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(silence, stream)
        _watch(control, alive_read)
    finally:
        os._exit(0)


def _watch(control: socket.socket, alive_read: int) -> None:
    poller = select.poll()
    poller.register(control, select.POLLIN)
    poller.register(alive_read, select.POLLIN)
    while True:
        for descriptor, event in poller.poll():
            if descriptor == alive_read:
                return
            if event & (select.POLLHUP | select.POLLERR) or control.recv(1, socket.MSG_PEEK) == b"":
                kill_own_group()
        # A message waits for the launcher, not for us: look again later instead of spinning.
        time.sleep(0.25)
