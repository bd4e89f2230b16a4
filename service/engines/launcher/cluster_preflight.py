"""What a host of a cluster has: fed to its Python on standard input, with the launcher's and the model's folder.

Prints one JSON object. Standard library only; changes nothing.
"""

import hashlib
import importlib.metadata
import json
import os
import platform
import subprocess
import sys


def main() -> None:
    launcher, model = sys.argv[1:3]
    print(
        json.dumps(
            {
                "python": platform.python_version(),
                "packages": {name: _version(name) for name in ("mlx-lm", "mlx")},
                "launcher": _digest(launcher),
                "modelBytes": _weights(model),
                "limitBytes": _limit(),
            }
        )
    )


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        # The service says that it is missing there.
        return None


def _digest(folder: str) -> str | None:
    if not os.path.isdir(folder):
        return None
    digest = hashlib.sha256()
    for name in sorted(os.listdir(folder)):
        if name.endswith(".py"):
            with open(os.path.join(folder, name), "rb") as file:
                digest.update(name.encode() + b"\0" + file.read())
    return digest.hexdigest()


def _weights(folder: str) -> int | None:
    if not os.path.isfile(os.path.join(folder, "config.json")):
        return None
    names = [name for name in os.listdir(folder) if name.endswith(".safetensors")]
    # Links of the Hub cache are followed: one that leads nowhere is a file that is missing.
    return sum(os.path.getsize(path) for name in names if os.path.exists(path := os.path.join(folder, name)))


def _limit() -> int | None:
    """What models may take: the GPU's limit where one is set, else three quarters of the memory (macOS' own share)."""
    if sys.platform == "darwin":
        limit = _sysctl("iogpu.wired_limit_mb")
        if limit:
            return limit * 1024 * 1024
        memory = _sysctl("hw.memsize")
        return None if memory is None else memory * 3 // 4
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") * 3 // 4


def _sysctl(name: str) -> int | None:
    answer = subprocess.run(["/usr/sbin/sysctl", "-n", name], capture_output=True, text=True, check=False)
    return int(answer.stdout) if answer.returncode == 0 and answer.stdout.strip().isdigit() else None


main()
