"""What the machine would be like after the plan: entries that would have no effect, and such that break a host."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from mcpconf.model.address import Address
from mcpconf.model.change import Change, Hold
from mcpconf.model.commands import followed
from mcpconf.model.desired import DesiredEntry
from mcpconf.model.observed import ObservedEntry
from mcpconf.model.plan import Drift
from mcpconf.reconcile.changes import Builder, held
from mcpconf.reconcile.draft import Draft
from mcpconf.reconcile.drift import drift
from mcpconf.reconcile.places import place
from mcpconf.reconcile.situation import Shadow, Situation


class Outlook:
    """Looks at a draft whose changes are all there, and holds those that would do harm or nothing."""

    def __init__(self, situation: Situation, builder: Builder, draft: Draft) -> None:
        self._situation = situation
        self._builder = builder
        self._draft = draft
        self._desired = {entry.address: entry for entry in situation.desired.entries}
        self._observed = {entry.address: entry for entry in situation.observed.entries}

    def look(self) -> list[Drift]:
        self.hold_partial()
        self.hold_shadowed()
        return list(self.unread())

    def hold_partial(self) -> None:
        """A host that merges entries key by key may refuse to start on what its files then say of a server."""
        rules, files = self._situation.rules, defaultdict(list)
        gone = self._gone()
        for entry in self._observed.values():
            if str(entry.address) not in gone:
                files[entry.address.host, entry.address.server].append(entry)
        for index, change in enumerate(self._draft.changes):
            if change.kind != "server":
                continue
            address = Address.parse(change.address)
            others: Sequence[ObservedEntry] = files.get((address.host, address.server), ())
            left: tuple[Address, ...] = ()
            if change.action == "delete":
                left = rules.left_over([*others, self._observed[address]], address)
            elif _sets_transport(change):
                left = rules.clashing(others, self._after(self._desired[address]))
            if change.writes and change.previous_address:
                old = Address.parse(change.previous_address)
                left = left or rules.left_over([*files[old.host, old.server], self._observed[old]], old)
            if left:
                self._draft.changes[index] = held(change, self._partial(change, left))

    def _gone(self) -> set[str]:
        """Addresses at which nothing is any more."""
        moved = {change.previous_address for change in self._draft.changes if change.writes}
        return moved | {change.address for change in self._draft.changes if change.action == "delete"}

    def _partial(self, change: Change, left: tuple[Address, ...]) -> Hold:
        files = ", ".join(place(self._observed[address]) for address in left)
        message = f"after it, {change.host} would not start: a part of the server is also in {files}"
        hint = followed(f"remove `{left[0].server}` from {files} first")
        return Hold(by="partial-entry", message=message, hint=hint, code=2, action=change.action)

    def hold_shadowed(self) -> None:
        """What is written where a stronger file says something else has no effect."""
        changes = {change.address: index for index, change in enumerate(self._draft.changes)}
        for address, shadow in sorted(self._shadows().items(), key=lambda item: item[0]):
            wanted = self._desired.get(address)
            if wanted is None or str(address) in self._draft.untouched:
                continue
            where = self._where(shadow)
            message = f"`{shadow.winner}` in {where} wins over it"
            more = {"severity": "high", "will": "held", "where": where, "pointer": str(shadow.winner)}
            self._draft.drift.append(drift("shadowed", str(address), message, **more))
            hint = followed(f"remove or rename `{shadow.winner.server}` in {where}")
            index = changes.get(str(address))
            change = self._draft.changes[index] if index is not None else None
            hold = Hold(by="shadowed", message=message, hint=hint, code=2, action=change.action if change else "")
            if index is None:
                self._draft.changes.append(self._builder.shadowed(wanted, self._observed[address], hold))
            elif change is not None and change.writes and change.phase == 2 and shadow.always(address):
                self._draft.changes[index] = held(change, hold)

    def _shadows(self) -> dict[Address, Shadow]:
        """Judged on every entry as it will be, so that what this plan removes is in nobody's way."""
        written = {change.address for change in self._draft.changes if change.writes}
        gone = self._gone()
        after = {address: entry for address, entry in self._observed.items() if str(address) not in gone}
        after |= {address: self._after(entry) for address, entry in self._desired.items() if str(address) in written}
        kept = {item.address for item in (*self._draft.kept, *self._draft.tracked.values())}
        limited = frozenset(address for address, entry in self._desired.items() if "call" in entry.stated)
        found = self._situation.rules.shadows(after.values(), limited)
        return {address: shadow for address, shadow in found.items() if str(address) not in kept}

    def unread(self) -> Iterator[Drift]:
        """What is there as it should be, or is about to be, and the host does not read: once per file and reason."""
        still = {change.address for change in self._draft.changes if not change.writes}
        still |= {change.address for change in (*self._draft.kept, *self._draft.tracked.values())}
        broken, found = self._broken(), defaultdict[tuple[str, str], list[DesiredEntry]](list)
        for address, desired in sorted(self._desired.items(), key=lambda item: item[0]):
            if str(address) in still or str(address) in self._draft.untouched:
                continue
            if reason := self._unread(desired, broken):
                found[desired.location.path, reason].append(desired)
        for (path, reason), entries in found.items():
            more = f", nor {len(entries) - 1} more of the file" if len(entries) > 1 else ""
            item = drift("unread", str(entries[0].address), f"the host does not read it{more}: {reason}", where=path)
            yield item.model_copy(update={"counted": False})

    def _broken(self) -> list[ObservedEntry]:
        """Entries that a host refuses, and that are there after the plan."""
        gone = self._gone() | {change.address for change in self._draft.changes if change.writes}
        return [entry for entry in self._observed.values() if entry.problem and str(entry.address) not in gone]

    def _unread(self, desired: DesiredEntry, broken: Sequence[ObservedEntry]) -> str:
        rules, address = self._situation.rules, desired.address
        why = rules.unread(self._after(desired))
        if why == "not_trusted":
            return f"nobody trusts the folder `{address.project}` in it yet"
        if why == "not_approved":
            return "nobody has approved it there yet"
        lost = rules.lost_with(address.host)
        for entry in broken if lost != "entry" else ():
            beside = lost == "host" or entry.file.location.path == desired.location.path
            if entry.address.host == address.host and beside:
                return f"it refuses `{entry.address.server}` in {place(entry)}, which this plan leaves as it is"
        return ""

    def _after(self, desired: DesiredEntry) -> ObservedEntry:
        return ObservedEntry(
            address=desired.address,
            entry=desired.entry,
            raw=desired.encoded,
            identity=desired.identity,
            file=self._builder.file(desired.location),
            key_path=desired.key_path,
            rank=self._situation.rules.rank(desired.address, desired.location.file),
        )

    def _where(self, shadow: Shadow) -> str:
        entry = self._observed.get(shadow.winner)
        return place(entry) if entry is not None else shadow.file


def _sets_transport(change: Change) -> bool:
    return (
        change.action == "create"
        or bool(change.previous_address)
        or (change.writes and any(field.name == "transport" for field in change.fields))
    )
