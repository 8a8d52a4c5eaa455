"""Where documents lie beside one another."""

from __future__ import annotations


def lock_path(manifest: str) -> str:
    """Beside the manifest: `mcpconf.yaml` has `mcpconf.lock`."""
    return f"{_stem(manifest)}.lock"


def approvals_path(manifest: str) -> str:
    """Beside the manifest: `mcpconf.yaml` has `mcpconf.approvals`."""
    return f"{_stem(manifest)}.approvals"


def _stem(manifest: str) -> str:
    stem, dot, ending = manifest.rpartition(".")
    return stem if dot and "/" not in ending else manifest


UNUSABLE_LOCK = "restore it from git, or remove it and run `mcpconf lock`"
"""What to do with a lock that cannot be read."""
