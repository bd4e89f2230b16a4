"""Memory readings sent over the control stream: sampled every second, sent when they say something new."""

import sys
import threading
import time
from datetime import datetime, timezone
from typing import Any

from control import Control
from footprint import read_footprint

SAMPLE_SECONDS = 1.0
LONGEST_SILENCE_SECONDS = 5.0
CHANGE_WORTH_SENDING = 0.01


def start_sampling(control: Control) -> None:
    """Start the sampler thread. It runs during generations too: peaks are gone afterwards."""
    threading.Thread(target=_sample, args=(control,), name="memory", daemon=True).start()


def read_memory() -> dict[str, Any]:
    """One reading in the shape of the `memory` message; `engine` only once the engine is imported."""
    footprint_bytes, method = read_footprint()
    reading: dict[str, Any] = {"footprintBytes": footprint_bytes, "method": method}
    # Looked up, not imported: the sampler must not start the engine's import, nor wait for it.
    mlx = sys.modules.get("mlx.core")
    if mlx is not None and hasattr(mlx, "get_peak_memory"):
        reading["engine"] = {
            "activeBytes": mlx.get_active_memory(),
            "cacheBytes": mlx.get_cache_memory(),
            "peakBytes": mlx.get_peak_memory(),
        }
    reading["at"] = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return reading


def _sample(control: Control) -> None:
    sent_bytes: list[int] = []
    sent_at = 0.0
    while True:
        reading = read_memory()
        sizes = [reading["footprintBytes"], *reading.get("engine", {}).values()]
        if time.monotonic() - sent_at >= LONGEST_SILENCE_SECONDS or _differs(sizes, sent_bytes):
            control.send("memory", **reading)
            sent_bytes, sent_at = sizes, time.monotonic()
        time.sleep(SAMPLE_SECONDS)


def _differs(now: list[int], before: list[int]) -> bool:
    if len(now) != len(before):
        return True
    return any(abs(new - old) > CHANGE_WORTH_SENDING * max(old, 1) for new, old in zip(now, before))
