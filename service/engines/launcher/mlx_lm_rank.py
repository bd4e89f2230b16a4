"""Entry of one rank of a cluster, run by `mlx.launch` on its host: `mlx_lm_rank.py --control <host:port> <launcher's options>`.

Rank 0 serves HTTP behind its token as a single launcher does; the others take part in what it computes. Each has a
control stream of its own and dies with it, and its whole group with it: a cluster lives with all its ranks or not at
all. The group is that of `mlx.launch` on the service's host, that of the ssh session elsewhere.
"""

import argparse
import os
import sys
from typing import NoReturn

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from cluster_join import USUAL_TEMPORARY_FOLDER, join, receive_secret
from launcher_start import begin, bind, read_options
from mlx_lm_options import CHECKS
from mlx_lm_server import ENGINE, serve


def main() -> NoReturn:
    arguments, rest = _arguments()
    rank = int(os.environ["MLX_RANK"])
    _restore_temporary_folder()
    try:
        stream = join(arguments.control, rank, receive_secret())
    except (OSError, EOFError, ValueError) as error:
        print(f"rank {rank} could not join its cluster: {error}", file=sys.stderr, flush=True)
        sys.exit(3)
    control = begin(ENGINE, stream)
    options = read_options(control, CHECKS, rest)
    listening = bind(control, options) if rank == 0 else None
    serve(control, options, listening, ["--pipeline"] if arguments.pipeline else [])


def _arguments() -> tuple[argparse.Namespace, list[str]]:
    parser = argparse.ArgumentParser(prog="rank", add_help=False, allow_abbrev=False)
    parser.add_argument("--control", required=True)
    parser.add_argument("--pipeline", action="store_true")
    return parser.parse_known_args()


def _restore_temporary_folder() -> None:
    """On the service's host mlx.launch was given one of its own; compiled kernels belong where they always are."""
    usual = os.environ.pop(USUAL_TEMPORARY_FOLDER, None)
    if usual:
        os.environ["TMPDIR"] = usual
    elif usual is not None:
        os.environ.pop("TMPDIR", None)


if __name__ == "__main__":
    main()
