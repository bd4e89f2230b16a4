"""The launcher's command line: where the model is, where to listen, and the engine options as one JSON object."""

import argparse
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

# Says what is wrong with a value, None when nothing is.
Check = Callable[[Any], str | None]


@dataclass(frozen=True)
class Options:
    """Parsed command line. `engine` holds checked engine options by their JSON names, absent ones left out."""

    model: str
    host: str
    port_start: int
    port_count: int
    engine: dict[str, Any]


def parse_options(arguments: list[str], checks: Mapping[str, Check]) -> Options:
    """`checks` has one entry for each option of the engine. Raises ValueError with a sentence; never exits by itself."""
    parser = _Parser(prog="launcher", add_help=False, allow_abbrev=False)
    parser.add_argument("--model", required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port-start", type=int, default=10250)
    parser.add_argument("--port-count", type=int, default=200)
    parser.add_argument("--options", default="{}")
    parsed = parser.parse_args(arguments)
    if parsed.host not in ("127.0.0.1", "::1", "localhost"):
        raise ValueError(f"an engine listens on loopback only, not on {parsed.host}")
    if not 1 <= parsed.port_start <= 65535 or parsed.port_count < 1:
        raise ValueError(f"no such port range: {parsed.port_start}, {parsed.port_count} ports")
    engine = _engine_options(parsed.options, checks)
    return Options(parsed.model, parsed.host, parsed.port_start, parsed.port_count, engine)


def whole_number(minimum: int) -> Check:
    def check(value: Any) -> str | None:
        # bool is an int to Python, never to the user.
        if isinstance(value, int) and not isinstance(value, bool) and value >= minimum:
            return None
        return f"must be a whole number of at least {minimum}"

    return check


def one_of(*values: int) -> Check:
    def check(value: Any) -> str | None:
        return None if not isinstance(value, bool) and value in values else f"must be one of {values}"

    return check


def flag(value: Any) -> str | None:
    return None if isinstance(value, bool) else "must be true or false"


def text(value: Any) -> str | None:
    return None if isinstance(value, str) and value else "must be a text that is not empty"


def folder_with(*files: str) -> Check:
    """An absolute folder that holds these files: anything else would be taken for a Hub id and fetched."""

    def check(value: Any) -> str | None:
        if not isinstance(value, str) or not os.path.isabs(value) or not os.path.isdir(value):
            return "must be an absolute folder that exists"
        missing = [name for name in files if not os.path.isfile(os.path.join(value, name))]
        return f"names a folder without {missing[0]}" if missing else None

    return check


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise ValueError(f"wrong launcher arguments: {message}")


def _engine_options(given_text: str, checks: Mapping[str, Check]) -> dict[str, Any]:
    try:
        given = json.loads(given_text)
    except ValueError as error:
        raise ValueError(f"--options is not JSON: {error}") from error
    if not isinstance(given, dict):
        raise ValueError("--options must be a JSON object")
    said = {name: value for name, value in given.items() if value is not None}
    for name, value in said.items():
        if name not in checks:
            raise ValueError(f"unknown engine option {name}")
        problem = checks[name](value)
        if problem is not None:
            raise ValueError(f"option {name} {problem}")
    return said
