"""Where documents lie beside one another."""

from __future__ import annotations


def lock_path(manifest: str) -> str:
    """Beside the manifest: `mcpconf.yaml` has `mcpconf.lock`."""
    stem, dot, ending = manifest.rpartition(".")
    return f"{stem if dot and '/' not in ending else manifest}.lock"
