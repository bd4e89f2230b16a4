"""What this process costs the machine in memory, by the best method the system offers."""

import ctypes
import os
import resource
import sys
from typing import Literal, NamedTuple

Method = Literal["phys_footprint", "pss", "rss"]


class Footprint(NamedTuple):
    """Bytes and how they were measured. Resident size alone misses Metal buffers, hence the preference order."""

    footprint_bytes: int
    method: Method


def read_footprint() -> Footprint:
    """macOS: phys_footprint of proc_pid_rusage. Linux: proportional set size, else resident size. Peak RSS at worst."""
    if sys.platform == "darwin":
        footprint = _phys_footprint()
        if footprint is not None:
            return Footprint(footprint, "phys_footprint")
    for path, label, method in (
        ("/proc/self/smaps_rollup", "Pss:", "pss"),
        ("/proc/self/status", "VmRSS:", "rss"),
    ):
        footprint = _kibibytes(path, label)
        if footprint is not None:
            return Footprint(footprint, method)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return Footprint(peak if sys.platform == "darwin" else peak * 1024, "rss")


class _RusageInfoV4(ctypes.Structure):
    # <sys/resource.h> struct rusage_info_v4: a 16-byte uuid, then 35 unsigned 64-bit counters.
    _fields_ = [
        ("uuid", ctypes.c_uint8 * 16),
        ("before_footprint", ctypes.c_uint64 * 7),
        ("phys_footprint", ctypes.c_uint64),
        ("after_footprint", ctypes.c_uint64 * 27),
    ]


_RUSAGE_INFO_V4 = 4


def _phys_footprint() -> int | None:
    try:
        libproc = ctypes.CDLL("/usr/lib/libproc.dylib", use_errno=True)
        usage = _RusageInfoV4()
        failed = libproc.proc_pid_rusage(os.getpid(), _RUSAGE_INFO_V4, ctypes.byref(usage))
    except (OSError, AttributeError):
        # No such library or symbol: the caller falls back and says so through `method`.
        return None
    return None if failed else int(usage.phys_footprint)


def _kibibytes(path: str, label: str) -> int | None:
    try:
        with open(path, encoding="ascii", errors="replace") as lines:
            for line in lines:
                if line.startswith(label):
                    return int(line.split()[1]) * 1024
    except (OSError, ValueError, IndexError):
        # Hardened kernels hide smaps_rollup: the next method answers.
        return None
    return None
