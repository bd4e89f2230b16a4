"""Bytes that mlx_lm's own caches hold after a prompt, for models made of random numbers.

Reads `[{name, config, tokens, kvBits, dtype}]` from stdin and writes a line `{name, bytes}` or `{name, error}` for each.
"""

import json
import sys

import mlx.core as mx
from mlx_lm.generate import maybe_quantize_kv_cache
from mlx_lm.models.cache import make_prompt_cache
from mlx_lm.utils import _get_classes

DTYPES = {"bfloat16": mx.bfloat16, "float16": mx.float16, "float32": mx.float32}
gather_mm = mx.gather_mm


def gather_in_float32(a, b, *args, **options):
    """Experts are multiplied in float32 only where there is no Metal; what is cached keeps its type."""
    return gather_mm(a.astype(mx.float32), b.astype(mx.float32), *args, **options).astype(a.dtype)


def held_by(case: dict) -> int:
    model_class, arguments = _get_classes(case["config"])
    model = model_class(arguments.from_dict(case["config"]))
    model.set_dtype(DTYPES[case["dtype"]])
    cache = make_prompt_cache(model)
    # The last token alone, as an answer begins: only then do sliding windows let go of what slid out.
    for length in (case["tokens"] - 1, 1):
        logits = model(mx.ones((1, length), dtype=mx.int32), cache=cache)
        mx.eval(logits, arrays(cache))
        maybe_quantize_kv_cache(cache, quantized_kv_start=0, kv_group_size=64, kv_bits=case["kvBits"])
    return sum(array.nbytes for array in arrays(cache))


def arrays(held) -> list:
    """Every array in the caches, whatever they are made of."""
    if isinstance(held, mx.array):
        return [held]
    if isinstance(held, (list, tuple)):
        return [array for part in held for array in arrays(part)]
    return [array for part in getattr(held, "__dict__", {}).values() for array in arrays(part)]


# Some models print, and answers must not be mixed with that.
answers, sys.stdout = sys.stdout, sys.stderr
if not mx.metal.is_available():
    mx.gather_mm = gather_in_float32

for case in json.load(sys.stdin):
    mx.random.seed(0)
    try:
        answer = {"name": case["name"], "bytes": held_by(case)}
    except (Exception, SystemExit) as error:
        answer = {"name": case["name"], "error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), file=answers, flush=True)
