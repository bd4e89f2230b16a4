"""Head of a cluster: `mlx.launch` in our own group, held by the control stream on descriptor 3.

It computes nothing. It exists because `mlx.launch` lives on without its parent, leaves ranks behind when it is killed,
and has no way to hand a secret to its ranks but their standard input. Standard library only.
"""

import argparse
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import NoReturn

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from cluster_join import READY_MARK, USUAL_TEMPORARY_FOLDER
from control import PROTOCOL, Control, adopt_socket
from process_group import lead_own_group, start_guardian

# mlx.launch asks the system all the time whether a rank takes input, and stops asking once writing fails: ranks close
# theirs after the secret, so a few empty lines end the asking. It would cost a processor for each rank.
PULSES = 30
SECONDS_BETWEEN_PULSES = 2


def main() -> NoReturn:
    stream = adopt_socket()
    lead_own_group()
    start_guardian(stream)
    control = Control(stream)
    # The token of this stream is what ranks prove to know when they join.
    control.send("hello", protocol=PROTOCOL, pid=os.getpid(), token=control.token, engine="mlx-lm")
    signal.signal(signal.SIGTERM, lambda *_: control.stopped())
    control.read(on_stop=control.stopped)
    arguments = _arguments()
    try:
        child = _launch(arguments)
    except OSError as error:
        control.fatal("import_failed", f"mlx.launch could not be run: {error}", error)
    _forward(child, control.token, arguments.ranks)
    control.fatal("cluster_ended", f"mlx.launch ended with status {child.wait()}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="cluster_launch", add_help=False, allow_abbrev=False)
    parser.add_argument("--hostfile", required=True)
    parser.add_argument("--backend", required=True)
    parser.add_argument("--starting-port", required=True)
    parser.add_argument("--ranks", type=int, required=True)
    parser.add_argument("--environment", action="append", default=[])
    # Where mlx.launch leaves its small files; the service removes it.
    parser.add_argument("--temporary", required=True)
    parser.add_argument("rank", nargs=argparse.REMAINDER)
    return parser.parse_args()


def _launch(arguments: argparse.Namespace) -> "subprocess.Popen[bytes]":
    tool = Path(sys.executable).parent / "mlx.launch"
    command = [sys.executable, str(tool), "--backend", arguments.backend, "--hostfile", arguments.hostfile]
    command += ["--starting-port", arguments.starting_port]
    for entry in arguments.environment:
        command += ["--env", entry]
    rank = [part for part in arguments.rank if part != "--"] if arguments.rank[:1] == ["--"] else arguments.rank
    command += ["--", sys.executable, str(Path(__file__).with_name("mlx_lm_rank.py")), *rank]
    environment = {**os.environ, "TMPDIR": arguments.temporary}
    environment[USUAL_TEMPORARY_FOLDER] = os.environ.get("TMPDIR", "")
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)


def _forward(child: "subprocess.Popen[bytes]", secret: str, ranks: int) -> None:
    """Pass the output on. Once each rank says that it listens, and its terminal echoes nothing, it gets the secret."""
    waiting = 0
    assert child.stdout is not None and child.stdin is not None
    mark = READY_MARK.encode()
    for line in child.stdout:
        # Lines of several ranks may arrive as one.
        if mark not in line:
            sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()
            continue
        waiting += line.count(mark)
        if waiting == ranks:
            child.stdin.write(f"{secret}\n".encode())
            child.stdin.flush()
            threading.Thread(target=_pulse, args=(child,), name="pulse", daemon=True).start()


def _pulse(child: "subprocess.Popen[bytes]") -> None:
    assert child.stdin is not None
    for _ in range(PULSES):
        try:
            child.wait(SECONDS_BETWEEN_PULSES)
            return
        except subprocess.TimeoutExpired:
            try:
                child.stdin.write(b"\n")
                child.stdin.flush()
            except OSError:
                # It has ended; the main thread says so.
                return


if __name__ == "__main__":
    main()
