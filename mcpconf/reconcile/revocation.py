"""What must not be on the machine any more: forbidden by the manifest, or once ours and taken away."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from mcpconf.model.address import NAMED, Address
from mcpconf.model.commands import followed
from mcpconf.model.observed import Location, ObservedEntry
from mcpconf.model.residue import Residue
from mcpconf.model.state import Tombstone
from mcpconf.packages import recognise_entry
from mcpconf.reconcile.absence import forbidden
from mcpconf.reconcile.bygone import granted_here
from mcpconf.reconcile.changes import Builder
from mcpconf.reconcile.draft import Draft
from mcpconf.reconcile.gone import is_vague
from mcpconf.reconcile.places import place
from mcpconf.reconcile.records import arguments
from mcpconf.reconcile.situation import Situation

LOOKS_REVOKED = "looks_revoked"
"""What is the same thing as something revoked, in another form or place: for a person to decide."""

HELD_BY_OTHERS = frozenset({"managed", "system", *NAMED})


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
        self._programs: dict[str, set[str]] = defaultdict(set)
        for item in situation.absent:
            if is_vague(item.identity):
                self._programs[item.identity].add(self._path(item.command[0]))

    def names(self, entry: ObservedEntry) -> bool:
        """A program that the manifest names by its path is not meant by its name alone."""
        identity = forbidden(entry, self._reasons) if self._reasons else ""
        programs = self._programs.get(identity, set())
        if not programs or any("/" not in program for program in programs):
            return bool(identity)
        return self._path(recognise_entry(entry.entry).argv[0]) in programs

    def _path(self, text: str) -> str:
        """As this machine's system tells programs apart."""
        path = text.replace("${home}", self._situation.home)
        return path.replace("\\", "/").casefold() if self._situation.os == "windows" else path

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
    """What was ours, left the manifest, and is still here; gives the addresses it deals with.

    Deleted only if the command line and the names of variables are equal too, and where only the history tells of it, the
    host and scope: the same package with other arguments may be the user's own, so it is named with an instruction, unless
    the manifest says to leave the address alone.
    """
    left = _Left(situation, draft.gone)
    found: set[Address] = set()
    for entry in entries:
        reason = left.reason(entry)
        if not reason or (reason == LOOKS_REVOKED and ignored(entry.address)):
            continue
        found.add(entry.address)
        if reason != LOOKS_REVOKED and editable(situation, entry):
            draft.changes.append(builder.delete(entry, reason).model_copy(update={"server": left.name(entry)}))
        else:
            told = residue(entry, left.words(entry), left.name(entry))
            draft.residue.append(_or_release(told) if editable(situation, entry) else told)
    return found


class _Left:
    """Everything that was ours, by what it is: what the state remembers, and what commits of the manifest tell."""

    def __init__(self, situation: Situation, gone: Iterable[Tombstone]) -> None:
        self._situation = situation
        self._remembered = _by_identity(situation, gone)
        self._told = _by_identity(situation, (item.mark for item in situation.hindsight.bygone))
        self._wanted = {finding.address for finding in situation.desired.findings}

    def reason(self, entry: ObservedEntry) -> str:
        """Why it goes; that it only looks revoked; or "" for what was never ours, is wanted, or was given to the user."""
        situation, address = self._situation, entry.address
        if situation.handed_back(address, address.server) or str(address) in self._wanted:
            return ""
        if granted_here(situation, entry) is not None:
            return "revoked" if situation.is_unknown(str(address)) else LOOKS_REVOKED
        remembered = self._remembered.get(entry.identity, [])
        if _alike(situation, entry, remembered):
            return "revoked_elsewhere"
        return LOOKS_REVOKED if remembered or entry.identity in self._told else ""

    def name(self, entry: ObservedEntry) -> str:
        """What it was called where it was ours."""
        return next((mark.called for mark in self._marks(entry)), entry.address.server)

    def _marks(self, entry: ObservedEntry) -> Sequence[Tombstone]:
        return self._remembered.get(entry.identity) or self._told.get(entry.identity) or ()

    def words(self, entry: ObservedEntry) -> str:
        marks = self._marks(entry)
        where = next((f" at `{mark.address}`" for mark in marks if mark.address != str(entry.address)), "")
        return f"`{entry.identity}` was revoked{where}, and is still here"


def _by_identity(situation: Situation, marks: Iterable[Tombstone]) -> dict[str, list[Tombstone]]:
    found: dict[str, list[Tombstone]] = defaultdict(list)
    for mark in marks:
        if mark.identity and mark.identity not in situation.asked:
            found[mark.identity].append(mark)
    return found


def _alike(situation: Situation, entry: ObservedEntry, marks: Iterable[Tombstone]) -> bool:
    known = {(mark.arguments, tuple(mark.environment)) for mark in marks}
    return (arguments(situation, entry.entry), tuple(sorted(entry.entry.env))) in known


def residue(entry: ObservedEntry, message: str, server: str = "") -> Residue:
    where, unasked = place(entry), entry.file.location.unasked
    message += f"; `{unasked}` starts it without asking" if unasked else ""
    instruction = followed(f"remove `{entry.address.server}` from {where} yourself, for mcpconf does not write it")
    name = server or entry.address.server
    return Residue(address=str(entry.address), server=name, message=message, where=where, instruction=instruction)


def _or_release(left: Residue) -> Residue:
    """With other arguments it may be the user's own."""
    name = Address.parse(left.address).server
    return left.model_copy(
        update={"instruction": followed(f"remove `{name}` from {left.where}, or list it under `released`")}
    )
