"""Whether a lock still belongs to its manifest: asked of the two documents alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from mcpconf.artifacts.belonging import belongs, edited
from mcpconf.model.lock import Lock
from mcpconf.model.manifest import Manifest

Why = Literal["not_locked", "changed", "not_wanted", "other", "hash", "surface"]

_LONGEST = 200
_WORDS: dict[Why, str] = {
    "not_locked": "`{name}` is not in the lock",
    "changed": "`{name}` has changed in the manifest since it was locked",
    "not_wanted": "`{name}` is in the lock, but not in the manifest",
    "other": "what the lock says of `{name}` is not what the manifest asks for",
    "hash": "the hash of `{name}` in the manifest is not the one in the lock",
    "surface": "the surface of `{name}` in the lock was edited: `{place}` has another digest than stands there",
}


@dataclass(frozen=True, slots=True)
class Stale:
    """One server of which manifest and lock say different things. `place` is where in a surface, text of others."""

    server: str
    why: Why
    place: str = ""

    @property
    def message(self) -> str:
        return _WORDS[self.why].format(name=self.server, place=self.place[:_LONGEST])


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
            yield Stale(name, why, edited(known) if why == "surface" else "")
