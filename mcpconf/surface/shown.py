"""What one server shows when it is asked, beside what the lock says that it shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mcpconf.errors import Problem
from mcpconf.model.lock import LockedServer
from mcpconf.model.surface import Surface
from mcpconf.surface.change import SurfaceChange
from mcpconf.surface.comparing import surface_changes
from mcpconf.surface.reading import Violation

_REFUSED = frozenset({"hash", "stale"})


@dataclass(frozen=True, slots=True)
class Shown:
    """`locked` is what the lock says of the server, if that belongs to the manifest.

    Without a surface, `problem` tells why; `faults` are what of it could not be locked. `sandboxed` tells what confined it, ""
    if nothing did. `started`: it ran on this machine. `notes` are for people.
    """

    name: str
    locked: LockedServer | None = None
    surface: Surface | None = None
    problem: Problem | None = None
    sandboxed: str = ""
    started: bool = False
    notes: tuple[str, ...] = ()
    faults: tuple[Violation, ...] = ()

    @property
    def state(self) -> Literal["refused", "not asked", "new", "changed", "same"]:
        """`refused`: its bytes are not the locked ones. `new`: the lock has no surface of it."""
        if self.problem is not None:
            return "refused" if self.problem.kind in _REFUSED else "not asked"
        if self.locked is None or self.locked.surface is None:
            return "new"
        return "changed" if self.changes else "same"

    @property
    def changes(self) -> tuple[SurfaceChange, ...]:
        """Against the lock; none where one of the two is missing."""
        if self.locked is None or self.locked.surface is None:
            return ()
        return surface_changes(self.locked.surface, self.surface)
