"""The launcher's command line: where the model is, where to listen, and the engine options as one JSON object."""

import argparse
import json
from dataclasses import dataclass
from typing import Any, NoReturn

GIBIBYTE = 1024**3
# The engine's own default is unbounded, which ends in a kernel panic on a Mac after some hours of agent work.
DEFAULT_PROMPT_CACHE_BYTES = 2 * GIBIBYTE
# The engine's 512 truncates coding clients. The gateway always sends a limit; this is for everyone else.
DEFAULT_MAXIMUM_TOKENS = 4096


@dataclass(frozen=True)
class Options:
    """Parsed command line. `engine` holds validated engine options by their JSON names, absent ones left out."""

    model: str
    host: str
    port_start: int
    port_count: int
    engine: dict[str, Any]


def parse_options(arguments: list[str]) -> Options:
    """Raises ValueError with a sentence for the user; never exits by itself."""
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
    return Options(parsed.model, parsed.host, parsed.port_start, parsed.port_count, _engine_options(parsed.options))


def engine_arguments(options: Options) -> list[str]:
    """The engine's own command line for these options: its documented flags are the most stable way in."""
    engine = options.engine
    arguments = ["--model", options.model, "--host", options.host, "--log-level", "INFO"]
    arguments += ["--prompt-cache-bytes", str(engine.get("promptCacheBytes", DEFAULT_PROMPT_CACHE_BYTES))]
    arguments += ["--max-tokens", str(engine.get("maxTokens", DEFAULT_MAXIMUM_TOKENS))]
    for name, flag in _NUMBER_FLAGS.items():
        if name in engine and flag not in arguments:
            arguments += [flag, str(engine[name])]
    if engine.get("chatTemplateArguments"):
        arguments += ["--chat-template-args", json.dumps(engine["chatTemplateArguments"])]
    if engine.get("trustRemoteCode"):
        arguments.append("--trust-remote-code")
    return arguments


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise ValueError(f"wrong launcher arguments: {message}")


_NUMBER_FLAGS = {
    "promptCacheSize": "--prompt-cache-size",
    "promptCacheBytes": "--prompt-cache-bytes",
    "prefillStepSize": "--prefill-step-size",
    "decodeConcurrency": "--decode-concurrency",
    "promptConcurrency": "--prompt-concurrency",
    "maxTokens": "--max-tokens",
}


def _engine_options(text: str) -> dict[str, Any]:
    try:
        given = json.loads(text)
    except ValueError as error:
        raise ValueError(f"--options is not JSON: {error}") from error
    if not isinstance(given, dict):
        raise ValueError("--options must be a JSON object")
    for name, value in given.items():
        _check_option(name, value)
    return {name: value for name, value in given.items() if value is not None}


def _check_option(name: str, value: Any) -> None:
    if value is None:
        return
    if name in _NUMBER_FLAGS:
        # bool is an int to Python, never to the user.
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise ValueError(f"option {name} must be a whole number of at least 1")
    elif name == "chatTemplateArguments":
        if not isinstance(value, dict):
            raise ValueError(f"option {name} must be an object")
    elif name == "trustRemoteCode":
        if not isinstance(value, bool):
            raise ValueError(f"option {name} must be true or false")
    else:
        raise ValueError(f"unknown engine option {name}")
