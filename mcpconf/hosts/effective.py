"""Which of several entries of one name a host obeys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mcpconf.hosts.decoding import decode
from mcpconf.hosts.vocabulary import HostRow, Place
from mcpconf.model.address import Address
from mcpconf.model.base import Json
from mcpconf.model.observed import Grant, ObservedEntry, ObservedFile


def shadowed(
    row: HostRow,
    entries: Sequence[ObservedEntry],
    files: Iterable[ObservedFile] = (),
    grants: Sequence[Grant] = (),
) -> dict[Address, Address]:
    """Entries that do not act as written, with the strongest entry that is in their way.

    The entry in the way may be in force in one project only: then the other loses there alone. Where an exclusive file is
    present, everything outside it loses, to the address that the server would have there, with or without an entry.
    Entries that the host does not read (no trust in `grants`, an address it refuses, a mistake) are in nobody's way.
    """
    found: dict[Address, Address] = {}
    exclusive = _exclusive(row, files)
    live = [entry for entry in entries if _is_read(row, entry, grants)]
    by_name: dict[str, list[ObservedEntry]] = {}
    for entry in sorted(live, key=_strength):
        by_name.setdefault(entry.address.server, []).append(entry)
    for entry in entries:
        if exclusive is not None and entry.file.location.file != exclusive.location.file:
            scope = exclusive.location.scope
            found[entry.address] = Address(row.id, scope, "", entry.address.server)
        elif row.merge != "both" and entry.address.scope != "profile":
            for other in by_name.get(entry.address.server, ()):
                if _strength(other) < _strength(entry) and _meet(entry, other) and _changes(row, entry, other):
                    found[entry.address] = other.address
                    break
    return found


def left_over(row: HostRow, entries: Sequence[ObservedEntry], gone: Address) -> tuple[Address, ...]:
    """Entries that would be all there is of a server once `gone` is deleted, and too little to run it.

    Only where the host merges entries key by key; such a host may refuse to start at all then.
    """
    if row.merge != "keys":
        return ()
    leaving = next((entry for entry in entries if entry.address == gone), None)
    others = [entry for entry in entries if entry.address != gone and entry.address.server == gone.server]
    others = [entry for entry in others if leaving is not None and _meet(entry, leaving)]
    merged: Json = {}
    for entry in sorted(others, key=_strength, reverse=True):
        merged = _merged(merged, entry.raw)
    if not others or decode(row, merged).entry.transport != "unknown":
        return ()
    return tuple(entry.address for entry in others)


def _exclusive(row: HostRow, files: Iterable[ObservedFile]) -> ObservedFile | None:
    return next((file for file in files if file.present and row.files[file.location.file].exclusive), None)


def _strength(entry: ObservedEntry) -> tuple[int, int]:
    """Smaller is stronger; of two folders, the one nearer to the project."""
    return entry.rank, -len(entry.address.project)


def _is_read(row: HostRow, entry: ObservedEntry, grants: Sequence[Grant]) -> bool:
    if entry.problem is not None or entry.address.scope == "profile":
        return False
    if not str(entry.entry.url).startswith(_place(row, entry).accepts):
        return False
    return all(_holds(need, entry.address.project, grants) for need in row.files[entry.file.location.file].needs)


def _place(row: HostRow, entry: ObservedEntry) -> Place:
    return [place for place in row.places for _ in place.files][entry.rank]


def _holds(effect: str, project: str, grants: Sequence[Grant]) -> bool:
    return any(grant.effect == effect and _is_in(project, grant.address.project) for grant in grants)


def _meet(one: ObservedEntry, other: ObservedEntry) -> bool:
    """Whether there is a folder in which the host reads both."""
    first, second = one.address.project, other.address.project
    return not first or not second or _is_in(first, second) or _is_in(second, first)


def _is_in(folder: str, upper: str) -> bool:
    return folder == upper or folder.startswith(upper.rstrip("/") + "/")


def _changes(row: HostRow, entry: ObservedEntry, stronger: ObservedEntry) -> bool:
    if row.merge == "entry":
        return stronger.entry != entry.entry
    return decode(row, _merged(entry.raw, stronger.raw)).entry != entry.entry


def _merged(weaker: Json, stronger: Json) -> Json:
    """Keys of the stronger win; maps in the entry are united. Deeper maps hold nothing that an entry is compared by."""
    if not isinstance(weaker, dict) or not isinstance(stronger, dict):
        return stronger
    united = {
        key: {**weaker[key], **value}
        for key, value in stronger.items()
        if isinstance(value, dict) and isinstance(weaker.get(key), dict)
    }
    return {**weaker, **stronger, **united}
