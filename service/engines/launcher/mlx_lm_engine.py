"""mlx_lm.server run inside the launcher: its parser and its classes, with ours derived from them.

Every name taken from the engine is checked before use; design.md lists them with the version they were read in.
Imported only after `hello`, because importing the engine takes seconds.
"""

import json
import sys
import threading
import time
import traceback
from pathlib import Path
from socket import socket
from typing import Any, NoReturn

import mlx.core
import mlx_lm.server as engine
from mlx_lm.generate import generation_stream
from mlx_lm.models.cache import LRUPromptCache

from answer_grammar import AnswerGrammars
from continued_answer import OpenEndedTokenizer, check_continued, with_first_space
from control import Control
from grammar_mask import hold_answer, with_mask
from listener import GuardedHandler, LauncherServer
from literal_text import as_written, calls_as_written, hidden_from_tags
from mlx_lm_options import engine_arguments
from model_trial import trace, warm_special
from options import Options
from request_checks import DEFAULT_MODEL, check_draft, check_request, check_sampling, fit_context
from single_calls import SingleCallTokenizer
from token_logprobs import alternatives_of, logprobs_of, noting
from weight_loading import load_with_progress

WATCH_SECONDS = 0.5
_OUT_OF_MEMORY_SIGNS = ("[metal::malloc]", "insufficient memory", "unable to allocate", "bad_alloc", "out of memory")

_SEAMS = {
    engine: (
        *("main", "run", "load", "ModelProvider", "ResponseGenerator", "APIHandler", "get_system_fingerprint"),
        "_make_logits_processors",
    ),
    engine.ModelProvider: ("load_default", "load"),
    engine.ResponseGenerator: ("_generate", "_tokenize", "generate", "generation_available"),
    engine.APIHandler: (
        *("_set_cors_headers", "validate_model_parameters", "handle_models_request", "handle_chat_completions"),
        "generate_response",
    ),
}


def check_seams() -> None:
    """Raises ImportError naming what this version of the engine lacks, before anything is half replaced."""
    for owner, names in _SEAMS.items():
        for name in names:
            if not hasattr(owner, name):
                raise ImportError(f"mlx_lm.server has no {owner.__name__}.{name}: this launcher does not fit it")


def serve(options: Options, listening: socket | None, control: Control, arguments: list[str]) -> NoReturn:
    """Load and serve until stopped. Returns never: `fatal` and `stopped` end the process.

    `listening` is None for a rank of a cluster that computes without serving; `arguments` are added to the engine's.
    """
    facts = _Facts(options.model, time.monotonic())
    context_tokens = options.engine.get("contextTokens")
    tokenizers: list[Any] = []
    is_listening = threading.Event()
    if listening is None:
        is_listening.set()

    class Provider(engine.ModelProvider):
        """Loads once. A failed load would leave a server that answers every request with 404."""

        def load_default(self) -> None:
            try:
                super().load_default()
                control.send("loading", phase="warming")
                facts.vocabulary_size = trace(self.model, self.tokenizer)
                facts.grammars = AnswerGrammars(self.tokenizer, facts.vocabulary_size)
            except BaseException as error:
                _fail(control, "model_load_failed", "the model could not be loaded", error)
            try:
                check_draft(tokenizers)
                warm_special(self)
                # Ranks must meet in the same order: nothing of the warming may still be on its way.
                mlx.core.synchronize(generation_stream)
            except BaseException as error:
                _fail(control, "invalid_options", "the model does not run with these options", error)
            # The model loads beside the server's start, and a small one is quicker than that.
            is_listening.wait()
            control.send("ready", **facts.as_message())

        def load(self, model_path: str, adapter_path: str | None = None, draft_model_path: str | None = None) -> Any:
            if model_path != DEFAULT_MODEL or adapter_path is not None:
                raise ValueError(f"model must be {DEFAULT_MODEL}")
            return super().load(model_path, adapter_path, draft_model_path)

    class Generator(engine.ResponseGenerator):
        """Reports the death of the generation thread; without it HTTP would answer on, for nothing."""

        def _generate(self) -> None:
            try:
                super()._generate()
            except BaseException as error:
                _fail(control, "generation_thread_died", "the generation thread died", error)

        def generate(self, request: Any, *arguments: Any, **named: Any) -> Any:
            context, response = super().generate(request, *arguments, **named)
            if getattr(request, "continue_answer", False):
                response = with_first_space(response, self.model_provider.tokenizer)
            if getattr(request, "noted_tokens", None) is not None:
                response = noting(response, request.noted_tokens)
            if getattr(request, "answer_grammar", None) is not None:
                response = hidden_from_tags(response, self.model_provider.tokenizer)
            return context, response

        def _tokenize(self, *arguments: Any) -> Any:
            # Raised here it is one request's 4xx; an empty prompt inserted into the batch ends the thread.
            tokenizer, asked, *rest = arguments
            tokenizer = SingleCallTokenizer(tokenizer)
            if getattr(asked, "continue_answer", False):
                tokenizer = OpenEndedTokenizer(tokenizer)
            result = super()._tokenize(tokenizer, asked, *rest)
            if len(result[0]) == 0:
                raise ValueError("the prompt is empty")
            if context_tokens is not None:
                request = arguments[-1]
                request.max_tokens = fit_context(len(result[0]), request.max_tokens, context_tokens)
            hold_answer(facts.grammars, *arguments, initial_state=result[3])
            return result

    class Handler(GuardedHandler, engine.APIHandler):
        """The engine's handler behind the token, without CORS, with the checks that keep the engine alive."""

        token = control.token
        noted_tokens: list[Any] | None = None

        def _set_cors_headers(self) -> None:
            return

        def validate_model_parameters(self) -> None:
            check_request(self.body)
            check_continued(self.body)
            # JavaScript cannot write 0.0, and the engine takes no integer here.
            self.xtc_probability, self.xtc_threshold = map(_as_float, (self.xtc_probability, self.xtc_threshold))
            if self.stream_options is not None:
                # The engine reads the key without asking: a missing one cost the client its last event.
                self.stream_options = {"include_usage": False, **self.stream_options}
            try:
                super().validate_model_parameters()
            except TypeError as error:
                # A null inside logit_bias; uncaught it closes the connection without an answer.
                raise ValueError(str(error)) from error
            self.top_logprobs = alternatives_of(self.body) or self.top_logprobs
            # Before `ready` there is no vocabulary to check against.
            if facts.vocabulary_size > 0:
                self.top_k = check_sampling(self.top_k, self.logit_bias, facts.vocabulary_size)
            elif self.top_k or self.logit_bias or "answer_grammar" in self.body:
                raise ValueError("the model is still loading")
            if "answer_grammar" in self.body:
                # Here it is one request's 400; compiled it is found again when the request's turn comes.
                facts.grammars.matcher(self.body["answer_grammar"])

        def handle_chat_completions(self) -> Any:
            request = super().handle_chat_completions()
            # Goes with the request to every rank of a cluster.
            request.answer_grammar = self.body.get("answer_grammar")
            request.continue_answer = self.body.get("continue_answer", False)
            self.noted_tokens = request.noted_tokens = None if self.body.get("answer_logprobs") is None else []
            return request

        def generate_response(self, text: str, *arguments: Any, **named: Any) -> dict[str, Any]:
            if "answer_grammar" in self.body:
                text = as_written(text)
                named["reasoning_text"] = as_written(named.get("reasoning_text"))
                named["tool_calls"] = calls_as_written(named.get("tool_calls"))
            answer = super().generate_response(text, *arguments, **named)
            if self.stream and self.noted_tokens:
                tokenizer = self.response_generator.model_provider.tokenizer
                answer["choices"][0]["logprobs"] = logprobs_of(self.noted_tokens, tokenizer)
                self.noted_tokens.clear()
            return answer

        def handle_models_request(self) -> None:
            # The engine's answer scans the whole Hub cache on every call.
            self._set_completion_headers(200)
            self.end_headers()
            model = {"id": DEFAULT_MODEL, "object": "model", "created": self.created}
            self.wfile.write(json.dumps({"object": "list", "data": [model]}).encode())

    def run(_host: str, _port: int, provider: Any) -> None:
        arguments = provider.cli_args
        cache = LRUPromptCache(arguments.prompt_cache_size, arguments.prompt_cache_bytes)
        fingerprint = engine.get_system_fingerprint()
        generator = Generator(provider, cache)
        _watch(generator, control)
        if listening is None:
            generator.join()
            control.fatal("generation_thread_died", "the generation thread of this rank ended")

        def handle(*handler_arguments: Any, **named: Any) -> Any:
            return Handler(generator, *handler_arguments, system_fingerprint=fingerprint, **named)

        server = LauncherServer(listening, handle)
        control.send("listening", port=server.server_port)
        is_listening.set()
        server.serve_forever()

    load = load_with_progress(engine.load, lambda done, total: _report(control, done, total))
    engine.load = _noting_tokenizers(load, tokenizers)
    engine._make_logits_processors = with_mask(engine._make_logits_processors)
    engine.ModelProvider = Provider
    engine.run = run
    sys.argv = ["mlx_lm.server", *engine_arguments(options), *arguments]
    engine.main()
    control.fatal("internal", "the engine's server returned by itself")


class _Facts:
    """What `ready` tells about the model; `vocabulary_size` is the width of the logits, not the tokenizer's count."""

    def __init__(self, model: str, started: float) -> None:
        self.model = model
        self.started = started
        self.vocabulary_size = 0
        # None until the model is loaded, as the vocabulary is.
        self.grammars: Any = None

    def as_message(self) -> dict[str, Any]:
        config = json.loads((Path(self.model) / "config.json").read_text(encoding="utf-8"))
        text_config = config.get("text_config") if isinstance(config.get("text_config"), dict) else {}
        context_length = config.get("max_position_embeddings", text_config.get("max_position_embeddings"))
        message = {
            "model": self.model,
            "loadSeconds": round(time.monotonic() - self.started, 3),
            "vocabularySize": self.vocabulary_size,
            "modelType": config.get("model_type", "unknown"),
        }
        if isinstance(context_length, int):
            message["contextLength"] = context_length
        return message


def _noting_tokenizers(load: Any, tokenizers: list[Any]) -> Any:
    def noting(*arguments: Any, **named: Any) -> Any:
        loaded = load(*arguments, **named)
        tokenizers.append(loaded[1])
        return loaded

    return noting


def _watch(generator: Any, control: Control) -> None:
    """A net below `_generate`: a thread that ends in any other way is found within half a second."""

    def watch() -> None:
        while generator.generation_available():
            time.sleep(WATCH_SECONDS)
        control.fatal("generation_thread_died", "the generation thread ended")

    threading.Thread(target=watch, name="generation-watch", daemon=True).start()


def _report(control: Control, done: int, total: int) -> None:
    control.send("loading", phase="loading-weights", done=done, total=total)


def _as_float(value: Any) -> Any:
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _fail(control: Control, code: str, what: str, error: BaseException) -> NoReturn:
    text = "".join(traceback.format_exception_only(error)).strip()
    if isinstance(error, MemoryError) or any(sign in text.lower() for sign in _OUT_OF_MEMORY_SIGNS):
        code = "out_of_memory"
    control.fatal(code, f"{what}: {text}", error)
