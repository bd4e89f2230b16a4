"""Asks the engine's own parser: `engine_flags.py <launcher folder> <options as JSON>`.

Prints JSON: `flags`, each with its destination, and `parsed`, what the engine makes of the launcher's arguments for
these options.
"""

import argparse
import json
import sys

sys.path.insert(0, sys.argv[1])
import mlx_lm.server as engine

from mlx_lm_options import FLAGS, engine_arguments
from options import Options

answer = {}


def capture(parser, arguments=None, namespace=None):
    actions = [action for action in parser._actions if action.dest != "help"]
    answer["flags"] = {action.option_strings[0]: action.dest for action in actions}
    answer["ours"] = FLAGS
    answer["parsed"] = vars(parser.parse_known_args(arguments, namespace)[0])
    raise SystemExit(0)


argparse.ArgumentParser.parse_args = capture
options = Options("/models/here", "127.0.0.1", 10250, 1, json.loads(sys.argv[2]))
sys.argv = ["mlx_lm.server", *engine_arguments(options)]
try:
    engine.main()
except SystemExit:
    print(json.dumps(answer))
