"""Whether a lock still belongs to its manifest: asked of the two documents alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from mcpconf.artifacts.belonging import belongs
from mcpconf.model.lock import Lock
from mcpconf.model.manifest import Manifest

Why = Literal["not_locked", "changed", "not_wanted", "other", "hash"]

_WORDS: dict[Why, str] = {
    "not_locked": "`{name}` is not in the lock",
    "changed": "`{name}` has changed in the manifest since it was locked",
    "not_wanted": "`{name}` is in the lock, but not in the manifest",
    "other": "what the lock says of `{name}` is not what the manifest asks for",
    "hash": "the hash of `{name}` in the manifest is not the one in the lock",
}


@dataclass(frozen=True, slots=True)
class Stale:
    """One server of which manifest and lock say different things."""

    server: str
    why: Why

    @property
    def message(self) -> str:
        return _WORDS[self.why].format(name=self.server)


def stale(manifest: Manifest, lock: Lock) -> tuple[Stale, ...]:
    """By name; empty if the lock is what the manifest asks for."""
    return tuple(sorted(_stale(manifest, lock), key=lambda item: item.server))


def _stale(manifest: Manifest, lock: Lock) -> Iterator[Stale]:
    for name in lock.servers.keys() - manifest.servers.keys():
        yield Stale(name, "not_wanted")
    for name, server in manifest.servers.items():
        known = lock.servers.get(name)
        if known is None:
            yield Stale(name, "not_locked")
        elif why := belongs(known, server):
            yield Stale(name, why)
