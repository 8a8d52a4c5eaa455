"""What must not be on the machine any more: forbidden by the manifest, or once ours and taken away."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable

from mcpconf.model.address import Address
from mcpconf.model.commands import followed
from mcpconf.model.observed import Location, ObservedEntry
from mcpconf.model.plan import Residue
from mcpconf.model.state import Tombstone
from mcpconf.reconcile.absence import forbidden
from mcpconf.reconcile.changes import Builder
from mcpconf.reconcile.draft import Draft
from mcpconf.reconcile.places import place
from mcpconf.reconcile.records import arguments
from mcpconf.reconcile.sharing import deleted, spot
from mcpconf.reconcile.situation import Situation

HELD_BY_OTHERS = frozenset({"managed", "system", "profile"})


def editable(situation: Situation, entry: ObservedEntry) -> bool:
    """Whether mcpconf may write the file that an entry lies in."""
    return writable(situation, entry.file.location)


def writable(situation: Situation, location: Location) -> bool:
    """Whether a file is the user's own, and not tracked by git unless the manifest says so."""
    if not location.write or location.scope in HELD_BY_OTHERS:
        return False
    return not location.project or not untouchable(situation, location)


def untouchable(situation: Situation, location: Location) -> bool:
    """Whether git tracks a project's file, or may do so, and the manifest does not say to write it all the same."""
    may_write = situation.projects.get((location.host, location.project), False)
    return not may_write and situation.tracked(location.path) is not False


class Forbidden:
    """What `absent` names, found by what it is and never by its name."""

    def __init__(self, situation: Situation) -> None:
        self._situation = situation
        self._reasons = {item.identity: item.reason for item in situation.absent if item.identity}

    def names(self, entry: ObservedEntry) -> bool:
        return bool(self._reasons and forbidden(entry, self._reasons))

    def end(self, builder: Builder, draft: Draft, entry: ObservedEntry) -> None:
        """Delete the entry, or say who must."""
        if editable(self._situation, entry):
            draft.changes.append(builder.delete(entry, "must_be_absent"))
        else:
            identity = forbidden(entry, self._reasons)
            reason = self._reasons[identity]
            draft.residue.append(residue(entry, f"`{identity}` must not be on this machine ({reason})"))


def end_elsewhere(
    situation: Situation,
    builder: Builder,
    draft: Draft,
    entries: Iterable[ObservedEntry],
    ignored: Callable[[Address], bool],
) -> set[Address]:
    """What was ours, left the manifest altogether, and is still here; gives the addresses it deals with.

    Deleted only if the command line and the names of variables are equal too; the same package with other arguments may
    be the user's own, so it is named with an instruction, unless the manifest says to leave the address alone.
    """
    by_identity: dict[str, list[Tombstone]] = defaultdict(list)
    for mark in draft.gone:
        if mark.identity and mark.identity not in situation.asked:
            by_identity[mark.identity].append(mark)
    found: set[Address] = set()
    for entry in entries:
        marks = by_identity.get(entry.identity, [])
        if not marks or situation.handed_back(entry.address, entry.address.server):
            continue
        alike = _alike(situation, entry, marks)
        if not alike and ignored(entry.address):
            continue
        found.add(entry.address)
        if alike and editable(situation, entry):
            draft.changes.append(builder.delete(entry, "revoked_elsewhere"))
        else:
            left = residue(entry, f"`{entry.identity}` was revoked at `{marks[0].address}`, and is still here")
            draft.residue.append(_or_release(left) if editable(situation, entry) else left)
    return found


def _alike(situation: Situation, entry: ObservedEntry, marks: Iterable[Tombstone]) -> bool:
    known = {(mark.arguments, tuple(mark.environment)) for mark in marks}
    return (arguments(situation, entry.entry), tuple(sorted(entry.entry.env))) in known


def residue(entry: ObservedEntry, message: str) -> Residue:
    where = place(entry)
    instruction = followed(f"remove `{entry.address.server}` from {where} yourself, for mcpconf does not write it")
    return Residue(address=str(entry.address), message=message, where=where, instruction=instruction)


def _or_release(left: Residue) -> Residue:
    """With other arguments it may be the user's own."""
    name = Address.parse(left.address).server
    return left.model_copy(
        update={"instruction": followed(f"remove `{name}` from {left.where}, or list it under `released`")}
    )


def lifted(situation: Situation, draft: Draft, written: Collection[str]) -> list[str]:
    """Tombstones whose work is done once all of `written` is.

    Everything was read then, and what they stand for is nowhere, nor an approval by its name.
    """
    observed = situation.observed
    if observed.problems or any(file.problem is not None for file in observed.files):
        return []
    emptied = {place for place, change in deleted(draft).items() if change.address in written}
    left = (entry for entry in observed.entries if str(entry.address) not in written and spot(entry) not in emptied)
    present = {entry.identity for entry in left}
    present |= {entry.identity for entry in situation.desired.entries}
    approved = {
        (grant.address.host, grant.server)
        for grant in observed.grants
        if str(grant.entry or grant.address) not in written and str(grant.address) not in written
    }
    return [mark.address for mark in draft.gone if mark.identity not in present and _name(mark) not in approved]


def _name(mark: Tombstone) -> tuple[str, str]:
    address = Address.parse(mark.address)
    return address.host, address.server
