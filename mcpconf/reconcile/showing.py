"""What servers show of themselves now, against what the lock says that they show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mcpconf.artifacts.supplied import Supplied
from mcpconf.errors import Problem, Where
from mcpconf.model.address import SURFACE
from mcpconf.model.plan import Drift
from mcpconf.reconcile.drift import drift
from mcpconf.surface.change import SurfaceChange


def shown_otherwise(supplied: Supplied) -> Iterator[tuple[str, tuple[SurfaceChange, ...]]]:
    """Servers that were asked just now and answered otherwise than it stands in the lock."""
    for name, live in sorted(supplied.live.items()):
        locked = supplied.locked(name)
        if locked is None or locked.surface is None or isinstance(live, Problem):
            continue
        if live.digest != locked.surface.digest:
            from mcpconf.surface.comparing import surface_changes

            yield name, surface_changes(locked.surface, live)


def drift_of_surfaces(supplied: Supplied) -> Iterator[Drift]:
    """The bytes are those of the lock, so that nothing but the server itself can have changed it."""
    for name, changes in shown_otherwise(supplied):
        message = f"`{name}` shows something else than the lock says: {told(changes)}"
        yield drift("surface_drift", f"{SURFACE}{name}", message, severity="critical", will="held", where=supplied.file)


def told(changes: tuple[SurfaceChange, ...]) -> str:
    """How many of each class: `2 added, 1 text`."""
    counts: dict[str, int] = {}
    for change in changes:
        counts[change.change] = counts.get(change.change, 0) + 1
    return ", ".join(f"{count} {name}" for name, count in counts.items()) or "its digest alone"


def unanswered(supplied: Supplied) -> dict[str, Problem]:
    found = {f"{SURFACE}{name}": live for name, live in supplied.live.items() if isinstance(live, Problem)}
    return {address: replace(live, where=live.where or Where(address)) for address, live in found.items()}
