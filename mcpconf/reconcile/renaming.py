"""Servers that the manifest knew under another name: which entries of the machine they are, and how these get the new one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from mcpconf.model.address import Address
from mcpconf.model.base import Element
from mcpconf.model.change import Change, FieldChange, PlannedEdit, write_path
from mcpconf.model.desired import DesiredEntry, Edit
from mcpconf.model.observed import ObservedEntry
from mcpconf.model.state import Applied
from mcpconf.reconcile.situation import Situation


@dataclass(frozen=True, slots=True)
class Known:
    """What is there, and what was last written, by address."""

    observed: Mapping[Address, ObservedEntry]
    applied: Mapping[Address, Applied]
    unreadable: Collection[str]


@dataclass(frozen=True, slots=True)
class Move:
    """An entry by the name that its server had, and what it is to be; `wanted` lies where the entry does.

    `observed` is None where only the state knows of it, `applied` where only the machine does. `rival` says that there is an
    entry of the new name as well, which nobody put there.
    """

    before: Address
    wanted: DesiredEntry
    observed: ObservedEntry | None = None
    applied: Applied | None = None
    rival: bool = False

    @property
    def renames(self) -> bool:
        return self.observed is not None and not self.rival


def moves(situation: Situation, desired: Mapping[Address, DesiredEntry], known: Known) -> dict[Address, Move]:
    """By the new address. What was given back, or is something else by now, is not moved."""
    found: dict[Address, Move] = {}
    for address, wanted in desired.items():
        for name in situation.was.get(wanted.server, ()):
            before = replace(address, server=name)
            move = None if before in desired else _move(situation, wanted, before, known)
            if move is not None:
                found[address] = move
                break
    return found


def _move(situation: Situation, wanted: DesiredEntry, before: Address, known: Known) -> Move | None:
    last, old = known.applied.get(before), known.observed.get(before)
    new, ours = known.observed.get(wanted.address), wanted.address in known.applied
    if last is not None and situation.handed_back(before, last.server):
        return None
    if old is None:
        gone = last is not None and last.file not in known.unreadable
        return Move(before, wanted, applied=last) if gone else None
    if not old.file.location.write or (new is not None and (ours or last is None)):
        return None
    if last.identity != old.identity if last is not None else ours or not _alike(wanted, old):
        return None
    return Move(before, _in_its_place(wanted, old) if new is None else wanted, old, last, rival=new is not None)


def _alike(wanted: DesiredEntry, old: ObservedEntry) -> bool:
    """Whether it is the same server, started with the same words and variables."""
    same = wanted.identity == old.identity and wanted.entry.argv == old.entry.argv
    return same and wanted.entry.env.keys() == old.entry.env.keys()


def _in_its_place(wanted: DesiredEntry, old: ObservedEntry) -> DesiredEntry:
    last = old.key_path[-1]
    name = wanted.address.server
    step = replace(last, value=name) if isinstance(last, Element) else name
    return replace(wanted, location=old.file.location, key_path=(*old.key_path[:-1], step))


def former(situation: Situation, addresses: Iterable[str]) -> set[str]:
    """The addresses that servers had before they were given another name."""
    found = set()
    for address in map(Address.parse, addresses):
        server = situation.declared.called.get((address.host, address.server), address.server)
        found |= {str(replace(address, server=name)) for name in situation.was.get(server, ())}
    return found


def renamed(change: Change, move: Move) -> Change:
    """The update of an entry, as one that gives it its new name first."""
    assert move.observed is not None
    name = FieldChange(name="name", before=move.before.server, after=move.wanted.address.server, reason="renamed")
    expected = change.precondition
    if expected is not None:
        expected = expected.model_copy(update={"value": "absent", "previous": expected.value})
    return with_previous(change, move).model_copy(
        update={
            "reason": "renamed",
            "fields": [name, *change.fields],
            "edits": [*_edits(move.observed, move.wanted), *change.edits],
            "phase": change.phase if change.fields else 2,
            "precondition": expected,
        }
    )


def with_previous(change: Change, move: Move) -> Change:
    path = write_path(move.observed.key_path) if move.observed is not None else []
    return change.model_copy(update={"previous_address": str(move.before), "previous_key_path": path})


def _edits(observed: ObservedEntry, wanted: DesiredEntry) -> Iterator[PlannedEdit]:
    """The key, and what the entry itself says of its name."""
    old, new, last = observed.address.server, wanted.address.server, observed.key_path[-1]
    told = ""
    if isinstance(last, Element):
        told = last.key
        yield PlannedEdit.of(Edit((*observed.key_path, told), new))
    else:
        yield PlannedEdit(at=write_path(observed.key_path), name=new)
    if isinstance(observed.raw, dict) and isinstance(wanted.encoded, dict):
        for key, value in observed.raw.items():
            if key != told and value == old and wanted.encoded.get(key) == new:
                yield PlannedEdit.of(Edit((*wanted.key_path, key), new))
