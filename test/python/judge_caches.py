"""Says what huggingface_hub makes of caches: JSON in on stdin, a list of {cache, model, revision, endpoint}; JSON out."""

import json
import sys

from huggingface_hub import HfApi, scan_cache_dir, snapshot_download

MLX_LM = ["*.json", "model*.safetensors", "*.py", "tokenizer.model", "*.tiktoken", "*.txt", "*.jsonl", "*.jinja"]


def attempt(call):
    try:
        return {"value": call(), "error": None}
    except Exception as error:  # the name of whatever it is, is the answer
        return {"value": None, "error": type(error).__name__}


def judge(question):
    cache, model, revision = question["cache"], question["model"], question["revision"]

    def load(**options):
        return snapshot_download(
            model, revision=revision, cache_dir=cache, local_files_only=True, **options
        )

    def verify():
        api = HfApi(endpoint=question["endpoint"])
        found = api.verify_repo_checksums(model, revision=revision, cache_dir=cache, token=False)
        mismatches = [str(getattr(one, "path", one)) for one in found.mismatches]
        return {"checked": found.checked_count, "mismatches": mismatches, "missing": found.missing_paths}

    info = scan_cache_dir(cache)
    return {
        "warnings": [str(warning) for warning in info.warnings],
        "repos": sorted(repo.repo_id for repo in info.repos),
        "refs": {repo.repo_id: sorted(repo.refs) for repo in info.repos},
        "sizeOnDisk": info.size_on_disk,
        "load": attempt(load),
        "loadAsMlxLm": attempt(lambda: load(allow_patterns=MLX_LM)),
        "verify": attempt(verify) if question.get("endpoint") else None,
    }


print(json.dumps([judge(question) for question in json.load(sys.stdin)]))
