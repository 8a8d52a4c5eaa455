"""Whether what a server shows is what somebody approved, item by item."""

from __future__ import annotations

from dataclasses import dataclass

from mcpconf.model.approvals import Approval
from mcpconf.model.finding import Finding
from mcpconf.model.lock import LockedServer
from mcpconf.model.surface import Surface


@dataclass(frozen=True, slots=True)
class Unapproved:
    """Items, under the names of `Surface.named`, that the last approval is not of. `last` is None if nobody ever approved."""

    last: Approval | None
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


def unapproved(surface: Surface, last: Approval | None) -> Unapproved | None:
    """None if it is approved, all of it and no more. Only digests are compared: that they are of the items is another question."""
    named, known = surface.named(), last.items if last is not None else {}
    if last is not None and (last.surface, known) == (surface.digest, named):
        return None
    return Unapproved(
        last,
        added=tuple(sorted(named.keys() - known.keys())),
        changed=tuple(sorted(name for name in named.keys() & known.keys() if named[name] != known[name])),
        removed=tuple(sorted(known.keys() - named.keys())),
    )


@dataclass(frozen=True, slots=True)
class Judged:
    """A server with a surface in the lock. `unapproved` is None if all of it is approved, by `last`.

    `before` is the surface that was approved last, where the history of the lock still has it. `findings` are what rules say
    of the texts of one that is not approved.
    """

    name: str
    identity: str
    locked: LockedServer
    surface: Surface
    last: Approval | None
    unapproved: Unapproved | None
    before: Surface | None = None
    findings: tuple[Finding, ...] = ()
