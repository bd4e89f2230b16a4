"""Runs Python's own code of the shared store: `publish CACHE BLOB XET_HASH` or `delete CACHE MODEL`."""

import os
import sys

from huggingface_hub import scan_cache_dir
from huggingface_hub.utils._shared_blobs import publish_blob_to_shared_store

command, cache, subject = sys.argv[1:4]
if command == "publish":
    size = os.path.getsize(subject)
    print(publish_blob_to_shared_store(blob_path=subject, xet_hash=sys.argv[4], cache_dir=cache, expected_size=size))
else:
    info = scan_cache_dir(cache)
    revisions = [rev.commit_hash for repo in info.repos if repo.repo_id == subject for rev in repo.revisions]
    info.delete_revisions(*revisions).execute()
    print(True)
