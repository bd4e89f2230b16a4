"""The launcher's process group, and the guardian that ends it with the supervisor.

Engines never outlive the service. The launcher leads its own group, so that one signal reaches everything an
engine may start. The control stream's end of file is the order to die; the launcher's reader thread sees it, but a
native call that never returns can hold the interpreter lock, so a second process watches the same descriptor.
"""

import os
import select
import signal
import socket
from typing import NoReturn

LOOK_AGAIN_MILLISECONDS = 250


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
        _keep_only(control.fileno(), alive_read)
        _watch(control, alive_read)
    finally:
        os._exit(0)


def _keep_only(*kept: int) -> None:
    """The supervisor waits for the end of stdout and stderr, others for their pipes: none may stay open in here."""
    silence = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(silence, stream)
    for name in os.listdir("/dev/fd"):
        descriptor = int(name)
        if descriptor > 2 and descriptor not in kept:
            # The listing's own descriptor is in the list too, and gone by now; closerange does not mind.
            os.closerange(descriptor, descriptor + 1)


def _watch(control: socket.socket, alive_read: int) -> None:
    alive_only = select.poll()
    alive_only.register(alive_read, select.POLLIN)
    both = select.poll()
    both.register(alive_read, select.POLLIN)
    both.register(control, select.POLLIN)
    while True:
        events = dict(both.poll())
        if alive_read in events:
            return
        if events[control.fileno()] & (select.POLLHUP | select.POLLERR) or _is_at_end(control):
            kill_own_group()
        # A message waits for the launcher, not for us: look again a little later instead of spinning.
        if alive_only.poll(LOOK_AGAIN_MILLISECONDS):
            return


def _is_at_end(control: socket.socket) -> bool:
    try:
        return control.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        # The launcher took the message between our poll and our look. Waiting here for the next one would keep this
        # process, and with it the supervisor's end of the stream, alive after the launcher's exit.
        return False
