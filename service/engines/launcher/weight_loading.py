"""Loading a model with progress in bytes: the weights are opened lazily, then evaluated in portions."""

import time
from collections.abc import Callable, Iterator
from typing import Any

# Large enough to cost nothing (one synchronisation each), small enough that a slow disk still shows progress.
PORTION_BYTES = 128 * 1024 * 1024
SECONDS_BETWEEN_REPORTS = 0.25

Report = Callable[[int, int], None]


def load_with_progress(load: Callable[..., Any], report: Report) -> Callable[..., Any]:
    """Wrap `mlx_lm.utils.load` (same arguments and result); `report(done, total)` in bytes, first 0, last total."""

    def wrapped(*arguments: Any, **named: Any) -> Any:
        loaded = load(*arguments, **{**named, "lazy": True})
        _materialise(loaded[0], report)
        return loaded

    return wrapped


def _materialise(model: Any, report: Report) -> None:
    import mlx.core
    from mlx.utils import tree_flatten

    arrays = [array for _, array in tree_flatten(model.parameters())]
    total = sum(array.nbytes for array in arrays)
    done, reported_at = 0, time.monotonic()
    report(0, total)
    for portion in _portions(arrays):
        mlx.core.eval(portion)
        done += sum(array.nbytes for array in portion)
        if time.monotonic() - reported_at >= SECONDS_BETWEEN_REPORTS:
            report(done, total)
            reported_at = time.monotonic()
    # Whatever is no plain array (nothing in the models known today) is evaluated as the engine itself would.
    mlx.core.eval(model.parameters())
    report(total, total)


def _portions(arrays: list[Any]) -> Iterator[list[Any]]:
    portion: list[Any] = []
    size = 0
    for array in arrays:
        portion.append(array)
        size += array.nbytes
        if size >= PORTION_BYTES:
            yield portion
            portion, size = [], 0
    if portion:
        yield portion
