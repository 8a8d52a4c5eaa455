"""Where an import stands, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from mcpconf.hosts.vocabulary import HostRow
from mcpconf.importer.disagreements import Disagreement
from mcpconf.importer.found import Found, LeftOut, Moved
from mcpconf.importer.grouping import Group
from mcpconf.importer.notes import Note
from mcpconf.model.finding import Finding
from mcpconf.model.observed import Grant, ObservedFile
from mcpconf.model.package import Package
from mcpconf.ports import Facts

Cached = Callable[[Found, Package], str]
"""The version of a package that a cache of the machine holds, or ""."""


@dataclass(frozen=True, slots=True)
class Ground:
    """`exists` asks the machine for a path; `pin` makes versions exact that a cache tells."""

    rows: Mapping[str, HostRow]
    facts: Facts
    exists: Callable[[str], bool]
    cached: Cached
    today: date
    pin: bool = False


@dataclass(frozen=True, slots=True)
class Pin:
    """A server whose version was made exact: the command line that is there, and what the next apply makes of it."""

    server: str
    before: str
    after: str
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Imported:
    """`text` is the manifest. Everything that was found and is not in it is in one of the lists.

    `unread` are files of which nothing is known; `floating` counts servers without an exact version, `cached` those of
    them whose version a cache tells.
    """

    text: str
    groups: tuple[Group, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()
    secrets: tuple[Moved, ...] = ()
    approvals: tuple[Grant, ...] = ()
    notes: tuple[Note, ...] = ()
    pins: tuple[Pin, ...] = ()
    unread: tuple[ObservedFile, ...] = ()
    waived: tuple[Finding, ...] = ()
    floating: int = 0
    cached: int = 0
