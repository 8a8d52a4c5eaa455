"""The edits that turn what a file says of a server into what is wanted, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from mcpconf.compare import owned_fields
from mcpconf.formats.path import after_put
from mcpconf.model.base import ABSENT, Json, KeyPath, lookup
from mcpconf.model.change import PlannedEdit, write_path
from mcpconf.model.desired import DesiredEntry, Edit
from mcpconf.model.entry import FIELDS_OWNED
from mcpconf.model.observed import ObservedEntry

Parts = Mapping[str, Sequence[Edit]]
"""Per field the edits below an entry that set it."""


def edits(desired: DesiredEntry, parts: Parts, observed: ObservedEntry, fields: Sequence[str]) -> list[PlannedEdit]:
    """Puts only the fields that differ. An entry that is no map, or cannot be understood, is written anew.

    A key that is not there is not removed: nothing to do, nothing to announce.
    """
    raw = observed.raw
    if not isinstance(raw, dict):
        return [PlannedEdit.of(Edit(desired.key_path, desired.encoded))]
    needed: dict[KeyPath, Edit] = {}
    for name in _anew(desired, parts, observed) if observed.entry.transport == "unknown" else _nested(fields, observed):
        for edit in parts[name]:
            fitted = _fitted(raw, edit, owned=name in FIELDS_OWNED)
            if edit.at not in needed and not (fitted.value is ABSENT and lookup(raw, fitted.at) is ABSENT):
                needed[edit.at] = fitted
                raw = after_put(raw, fitted.at, fitted.value)
    return [planned for edit in needed.values() for planned in _planned(desired.key_path, edit)]


def _planned(path: KeyPath, edit: Edit) -> Iterator[PlannedEdit]:
    """The edit of a key below an entry; a map that the removal leaves empty goes with it."""
    yield PlannedEdit.of(Edit((*path, *edit.at), edit.value))
    for length in range(len(edit.at) - 1, 0, -1) if edit.value is ABSENT else ():
        yield PlannedEdit(at=write_path((*path, *edit.at[:length])), absent=True, when_empty=True)


def _nested(fields: Sequence[str], observed: ObservedEntry) -> Sequence[str]:
    """Fields that stand in one old nesting are all written, once one of them is."""
    return tuple(dict.fromkeys((*fields, *observed.nested))) if {*fields} & {*observed.nested} else fields


def _anew(desired: DesiredEntry, parts: Parts, observed: ObservedEntry) -> Sequence[str]:
    """An entry that the host cannot read: every field is put, and what is not ours goes only if it is of a wrong type."""
    owned = owned_fields(desired.stated)
    return [name for name in parts if name in owned or getattr(observed.entry, name) is None]


def _fitted(raw: Json, edit: Edit, *, owned: bool) -> Edit:
    """The edit, or one that replaces what is in its way: a value that is no map, where maps must lead further.

    Nothing is in the way of a removal unless the field is ours in any case.
    """
    for count in range(1, len(edit.at)):
        there = lookup(raw, edit.at[:count])
        if there is not ABSENT and not isinstance(there, dict):
            value = edit.value
            for key in reversed(edit.at[count:]):
                value = ABSENT if edit.value is ABSENT else {key: value}
            return Edit(edit.at if edit.value is ABSENT and not owned else edit.at[:count], value)
    return edit
