"""Whether the lock beside a manifest still belongs to it. Reads two documents, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from mcpconf import operations
from mcpconf.artifacts.staleness import Stale, stale
from mcpconf.documents.lock import load_lock
from mcpconf.documents.manifest import LoadedManifest
from mcpconf.documents.paths import lock_path
from mcpconf.errors import ExitCode
from mcpconf.model.lock import Lock
from mcpconf.ports import Documents


@dataclass(frozen=True, slots=True)
class Checked:
    """`lock` is None if there is none; `file` is where it is, or would be, and `data` what was read there."""

    manifest: LoadedManifest
    file: str
    lock: Lock | None
    stale: tuple[Stale, ...]
    data: bytes | None = None

    @property
    def exit_code(self) -> int:
        return ExitCode.SUCCESS if self.lock is not None and not self.stale else ExitCode.CHANGES


def check(path: str, documents: Documents) -> Checked:
    """Raises McpconfError (exit 1) if one of the two cannot be read."""
    loaded = operations.manifest(path, documents)
    file = lock_path(path)
    data = documents.lock(file)
    lock = None if data is None else load_lock(data, file)
    return Checked(loaded, file, lock, stale(loaded.manifest, lock or Lock()), data)
