"""Which entries of a machine can go into a manifest at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mcpconf.compare import differing
from mcpconf.hosts.names import cannot_name
from mcpconf.hosts.vocabulary import HostRow
from mcpconf.importer.found import LeftOut
from mcpconf.model.address import Address
from mcpconf.model.entry import FIELDS_STATED
from mcpconf.model.manifest import Project
from mcpconf.model.observed import Observed, ObservedEntry
from mcpconf.reconcile.merging import RowRules
from mcpconf.reconcile.places import place
from mcpconf.reconcile.situation import Shadow
from mcpconf.secrets import looks_secret

_WRITTEN = ("user", "project")
"""Scopes that a manifest can ask for."""


def sort_out(observed: Observed, rows: Mapping[str, HostRow]) -> tuple[list[ObservedEntry], list[LeftOut]]:
    """Entries that may be asked for as they are, in the order they were found, and all others with the reason."""
    sorter = _Sorter(observed, rows)
    answers = [(entry, sorter.obstacle(entry)) for entry in observed.entries]
    taken = {entry.address: entry for entry, obstacle in answers if obstacle is None}
    return list(taken.values()), [obstacle for _, obstacle in answers if obstacle is not None]


@dataclass(init=False, slots=True)
class _Sorter:
    rows: Mapping[str, HostRow]
    shadows: Mapping[Address, Shadow]
    first: dict[Address, ObservedEntry]
    torn: set[Address]
    by_address: dict[Address, ObservedEntry]

    def __init__(self, observed: Observed, rows: Mapping[str, HostRow]) -> None:
        self.rows = rows
        self.shadows = RowRules(rows, observed).shadows(observed.entries, frozenset())
        self.first, self.torn = {}, set()
        for entry in observed.entries:
            first = self.first.setdefault(entry.address, entry)
            if differing(first.entry, entry.entry, FIELDS_STATED):
                self.torn.add(entry.address)

    def obstacle(self, entry: ObservedEntry) -> LeftOut | None:
        return self._place(entry) or self._content(entry) or self._rivals(entry)

    def _place(self, entry: ObservedEntry) -> LeftOut | None:
        address, location = entry.address, entry.file.location
        if address.scope not in _WRITTEN:
            return LeftOut(entry, "not-ours-to-write", f"{address.scope} scope is read, and never written")
        if not location.write and address.scope == "project":
            hint = f"`--project {address.project}` takes it in"
            return LeftOut(entry, "not-ours-to-write", "its folder is above the projects that are known here", hint)
        if not location.write:
            return LeftOut(entry, "not-ours-to-write", "its file is written by somebody else")
        if address.project and not _can_be_named(address.project):
            return LeftOut(entry, "no-name", "the name of its folder cannot stand in a manifest")
        return None

    def _content(self, entry: ObservedEntry) -> LeftOut | None:
        row, name = self.rows[entry.address.host], entry.address.server
        if entry.problem is not None:
            return LeftOut(entry, "not-understood", entry.problem.message)
        if entry.entry.transport == "unknown":
            message = "it names neither a command nor an address"
            if row.merge == "keys":
                message += "; the rest of it lies in another file"
            return LeftOut(entry, "not-understood", message)
        if looks_secret(name):
            return LeftOut(entry, "literal-secret", "its name looks like a secret")
        unnamed = cannot_name(row, name)
        return LeftOut(entry, "no-name", unnamed[0]) if unnamed else None

    def _rivals(self, entry: ObservedEntry) -> LeftOut | None:
        if entry.address in self.torn:
            first = self.first[entry.address]
            message = f"`{entry.address.server}` stands in two files of this scope, and differently: see {place(first)}"
            return LeftOut(entry, "shadowed", message, "keep one of them")
        shadow = self.shadows.get(entry.address)
        if shadow is None:
            return None
        winner = self.first.get(shadow.winner)
        where = place(winner) if winner is not None else shadow.file
        if shadow.always(entry.address):
            return LeftOut(entry, "shadowed", f"{where} wins over it everywhere", "remove or rename one of the two")
        message = f"{where} wins over it in {shadow.winner.project}"
        return LeftOut(entry, "shadowed", message, "remove or rename one of the two, then import again")


def _can_be_named(folder: str) -> bool:
    """Whether a manifest can name this one folder: it takes some characters for patterns, and refuses invisible ones."""
    try:
        Project.model_validate({"path": folder})
    except ValueError:
        return False
    return not set("*?") & set(folder)
