"""Which of several entries of one name a host obeys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain

from mcpconf.hosts.decoding import decode
from mcpconf.hosts.precedence import Granted, is_in, merged, ruled_out, ruling, strength, unread, upwards
from mcpconf.hosts.vocabulary import HostRow
from mcpconf.model.address import PLUGIN, Address
from mcpconf.model.base import Json
from mcpconf.model.entry import Entry
from mcpconf.model.observed import Grant, ObservedEntry, ObservedFile


def shadowed(
    row: HostRow,
    entries: Sequence[ObservedEntry],
    files: Iterable[ObservedFile] = (),
    grants: Sequence[Grant] = (),
    limited: frozenset[Address] = frozenset(),
) -> dict[Address, Address]:
    """Entries that do not act as written, with the strongest entry that is in their way.

    The entry in the way may be in force in one project only: then the other loses there alone. Where an exclusive file is
    present, everything outside it loses, to the address that the server would have there, with or without an entry.
    Entries that the host does not read (no trust in `grants`, an address it refuses, a mistake) are in nobody's way.
    What may be called counts only for the entries in `limited`; approvals never do: wherever they lie, they are grants.
    """
    found: dict[Address, Address] = {}
    exclusive = ruling(row, files)
    trusted = Granted(row, grants)
    read = (entry for entry in entries if entry.problem is None and not unread(row, entry, trusted))
    index = _Index(read)
    for entry in entries:
        if exclusive is not None and ruled_out(entry, exclusive):
            scope = exclusive.location.scope
            found[entry.address] = Address(row.id, scope, "", entry.address.server)
        elif row.merge != "both" and entry.address.scope != "profile":
            for other in index.meeting(entry):
                if strength(other) < strength(entry) and _changes(row, entry, other, limited=entry.address in limited):
                    found[entry.address] = other.address
                    break
    return found


def set_apart(
    row: HostRow, entries: Sequence[ObservedEntry], files: Iterable[ObservedFile] = ()
) -> tuple[ObservedEntry, ...]:
    """Give each address to one entry: where several files hold a name in one scope, to the strongest.

    The others are of the scope `legacy`, and so is everything in a file that a ruling one replaces.
    """
    only = ruling(row, [file for file in files if file.location.write])
    taken: set[Address] = set()
    found = list(entries)
    for number, entry in sorted(enumerate(entries), key=lambda item: item[1].rank):
        location = entry.file.location
        replaced = only is not None and location.scope == only.location.scope and location != only.location
        if (replaced and location.write) or entry.address in taken:
            found[number] = replace(entry, address=replace(entry.address, scope="legacy"))
        taken.add(found[number].address)
    return tuple(found)


def left_over(row: HostRow, entries: Sequence[ObservedEntry], gone: Address) -> tuple[Address, ...]:
    """Entries that would be all there is of a server once `gone` is deleted, and too little to run it.

    Only where the host merges entries key by key; such a host may refuse to start at all then.
    """
    if row.merge != "keys":
        return ()
    leaving = next((entry for entry in entries if entry.address == gone), None)
    others = _others(entries, leaving) if leaving is not None else []
    return _addresses(others) if others and _is_too_little(row, others) else ()


def clashing(row: HostRow, entries: Sequence[ObservedEntry], changed: ObservedEntry) -> tuple[Address, ...]:
    """Entries that make one server nothing the host can run, together with an entry as it is about to be.

    Only where the host merges entries key by key: it may refuse to start at all then.
    """
    if row.merge != "keys":
        return ()
    others = _others(entries, changed)
    return _addresses(others) if others and _is_too_little(row, [*others, changed]) else ()


def _others(entries: Iterable[ObservedEntry], one: ObservedEntry) -> list[ObservedEntry]:
    named = (entry for entry in entries if entry.address.server == one.address.server and entry.address != one.address)
    return [entry for entry in named if _meet(entry, one)]


def _addresses(entries: Iterable[ObservedEntry]) -> tuple[Address, ...]:
    return tuple(entry.address for entry in entries)


def _is_too_little(row: HostRow, entries: Iterable[ObservedEntry]) -> bool:
    whole: Json = {}
    for entry in sorted(entries, key=strength, reverse=True):
        whole = merged(whole, entry.raw)
    return decode(row, whole).entry.transport == "unknown"


class _Index:
    """Entries by name and folder, so that each is compared only with those that a host reads beside it."""

    def __init__(self, entries: Iterable[ObservedEntry]) -> None:
        self._all: dict[str, list[ObservedEntry]] = {}
        self._at: dict[tuple[str, str], list[ObservedEntry]] = {}
        self._inside: dict[tuple[str, str], list[ObservedEntry]] = {}
        for entry in sorted(entries, key=strength):
            name, folder = entry.address.server, entry.address.project
            self._all.setdefault(name, []).append(entry)
            self._at.setdefault((name, folder), []).append(entry)
            for upper in upwards(folder) if folder else ():
                if upper != folder:
                    self._inside.setdefault((name, upper), []).append(entry)

    def meeting(self, entry: ObservedEntry) -> Iterable[ObservedEntry]:
        """Entries of the same name that are read in a folder where this one is read too, strongest first."""
        name, folder = entry.address.server, entry.address.project
        if not folder:
            return self._all.get(name, ())
        found = [self._inside.get((name, folder), ()), self._at.get((name, ""), ())]
        found += [self._at.get((name, upper), ()) for upper in upwards(folder)]
        return sorted(chain.from_iterable(found), key=strength)


def _meet(one: ObservedEntry, other: ObservedEntry) -> bool:
    """Whether there is a folder in which the host puts both together; what a plugin brings stands for itself."""
    first, second = one.address.project, other.address.project
    if PLUGIN in (one.address.scope, other.address.scope):
        return False
    return not first or not second or is_in(first, second) or is_in(second, first)


def _changes(row: HostRow, entry: ObservedEntry, stronger: ObservedEntry, *, limited: bool) -> bool:
    whole = row.merge == "entry" or PLUGIN in (entry.address.scope, stronger.address.scope)
    other = stronger.entry if whole else decode(row, merged(entry.raw, stronger.raw)).entry
    return _compared(other, limited=limited) != _compared(entry.entry, limited=limited)


def _compared(entry: Entry, *, limited: bool) -> Entry:
    return replace(entry, auto=()) if limited else replace(entry, call=None, without=(), auto=())
