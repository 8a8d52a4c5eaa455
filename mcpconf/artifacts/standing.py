"""How locked versions stand against what there is now, and what moving one of them changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mcpconf.advisories import Advisories
from mcpconf.advisories.closure import Judged
from mcpconf.artifacts.changes import LockChange
from mcpconf.artifacts.elsewhere import Elsewhere
from mcpconf.artifacts.offers import Release
from mcpconf.errors import ExitCode, Problem

State = Literal[
    "not locked",
    "advisory",  # one is about the locked version, or about a package that it brings
    "withdrawn",
    "newer version",
    "safe version",  # not a greater one, but no advisory is about it
    "newer but too young",
    "newer than wanted",  # locked is a greater version than would be taken now
    "unknown",
    "up to date",
]

_BEHIND: frozenset[State] = frozenset({"not locked", "advisory", "withdrawn", "newer version", "safe version"})
_UNTOLD: frozenset[State] = frozenset({"not locked", "unknown"})


@dataclass(frozen=True, slots=True)
class Offered:
    """`wanted` is what locking anew would take, `newest` the greatest version, `ripe` the greatest that is old enough.

    None of them is one that an advisory is about. `mine` is what is told of the locked version.
    """

    wanted: Release | None
    newest: Release | None
    ripe: Release | None
    mine: Release


@dataclass(frozen=True, slots=True)
class Standing:
    """`elsewhere` are copies of another version, or of a bad one. `age` is that of the newest version, in days.

    `judged` is None where nothing is known. `problem` is why somebody could not be asked, `unasked` why nobody was.
    """

    name: str
    package: str
    locked: str
    states: tuple[State, ...]
    offered: Offered | None = None
    age: int | None = None
    judged: Judged | None = None
    problem: Problem | None = None
    elsewhere: tuple[Elsewhere, ...] = ()
    unasked: str = ""


@dataclass(frozen=True, slots=True)
class Outdated:
    standings: tuple[Standing, ...]
    advisories: Advisories | None
    cooldown: int

    @property
    def exit_code(self) -> int:
        unasked = any(standing.unasked for standing in self.standings)
        nothing = unasked and all(_UNTOLD.issuperset(standing.states) for standing in self.standings)
        if nothing or any(standing.problem is not None for standing in self.standings):
            return ExitCode.INCOMPLETE
        behind = any(not _BEHIND.isdisjoint(standing.states) for standing in self.standings)
        return ExitCode.CHANGES if behind else ExitCode.SUCCESS


@dataclass(frozen=True, slots=True)
class Side:
    """One version of a server. `age` is in days; `judged` is None where nothing is known, or there is no version."""

    release: Release | None
    age: int | None
    judged: Judged | None


@dataclass(frozen=True, slots=True)
class Updated:
    """`change` is None if the server is what it was. `changed` are the places of the manifest that became other ones."""

    name: str
    manifest: str
    lock: str
    changed: tuple[str, ...]
    change: LockChange | None
    old: Side
    new: Side
