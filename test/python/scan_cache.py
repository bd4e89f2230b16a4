"""Says what huggingface_hub finds in a cache and whether models load offline.

JSON in on stdin: {cache, models: [{id, revision}]}; JSON out.
"""

import json
import os
import struct
import sys

from huggingface_hub import scan_cache_dir, snapshot_download


def read_weights(path):
    """Reads a safetensors file to its end; raises when it is not whole."""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        ends = [one["data_offsets"][1] for name, one in header.items() if name != "__metadata__"]
        if len(file.read()) != max(ends, default=0):
            raise ValueError(f"{os.path.basename(path)} is not whole")
    return len(ends)


def load(cache, model):
    try:
        folder = snapshot_download(
            model["id"], revision=model["revision"], cache_dir=cache, local_files_only=True
        )
        names = [name for name in os.listdir(folder) if name.endswith(".safetensors")]
        json.load(open(os.path.join(folder, "config.json"), encoding="utf8"))
        tensors = sum(read_weights(os.path.join(folder, name)) for name in names)
        return None if tensors > 0 else "no tensors"
    except Exception as error:  # the name of whatever it is, is the answer
        return f"{type(error).__name__}: {error}"


question = json.load(sys.stdin)
info = scan_cache_dir(question["cache"])
print(
    json.dumps(
        {
            "warnings": [str(warning) for warning in info.warnings],
            "repos": {
                repo.repo_id: sorted(one.commit_hash for one in repo.revisions) for repo in info.repos
            },
            "sizeOnDisk": info.size_on_disk,
            "failures": {
                f"{model['id']}@{model['revision']}": problem
                for model in question["models"]
                if (problem := load(question["cache"], model)) is not None
            },
        }
    )
)
