"""One file that several hosts read: what is one place in it is one operation, with several addresses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from mcpconf.canonical import digest
from mcpconf.model.address import Address
from mcpconf.model.base import KeyPath
from mcpconf.model.change import Change, PlannedEdit
from mcpconf.model.desired import DesiredEntry
from mcpconf.model.observed import ObservedEntry
from mcpconf.model.state import Applied
from mcpconf.reconcile.draft import Draft
from mcpconf.reconcile.situation import Rules

Spot = tuple[str, KeyPath]
"""A file and a key path in it."""


class Sharing:
    """Which places of this machine's files are wanted, and which are known from before under another host's address."""

    def __init__(
        self,
        desired: Mapping[Address, DesiredEntry],
        observed: Mapping[Address, ObservedEntry],
        applied: Mapping[Address, Applied],
    ) -> None:
        self._wanted = {(entry.location.path, entry.key_path) for entry in desired.values()}
        self._applied: dict[Spot, Applied] = {}
        for address, known in applied.items():
            if address in desired:
                self._applied[known.file, desired[address].key_path] = known
            elif address in observed:
                self._applied[known.file, observed[address].key_path] = known

    def wants(self, entry: ObservedEntry) -> bool:
        """Whether the manifest puts something at the very place, for this host or for another that reads the file."""
        return spot(entry) in self._wanted

    def written_before(self, desired: DesiredEntry) -> Applied | None:
        """What was written there for another host."""
        return self._applied.get((desired.location.path, desired.key_path))


def deleted(draft: Draft) -> dict[Spot, Change]:
    """Places that a draft empties: whoever else reads them finds nothing there either."""
    return {
        (change.file, PlannedEdit(at=change.key_path).path): change
        for change in draft.changes
        if change.action == "delete"
    }


def drop_residue(draft: Draft, entries: Iterable[ObservedEntry]) -> None:
    """What one host may not delete is gone all the same where another may."""
    gone = deleted(draft)
    here = {str(entry.address) for entry in entries if spot(entry) in gone}
    draft.residue = [item for item in draft.residue if item.address not in here]


def spot(entry: ObservedEntry) -> Spot:
    return entry.file.location.path, entry.key_path


def joined(changes: Iterable[Change], rules: Rules) -> list[Change]:
    """One change per place. If one of its addresses is held, all are: the other would write what is not to be written."""
    groups: dict[str, list[Change]] = {}
    for change in changes:
        shared = bool(change.key_path) and (change.writes or change.hold is not None)
        place = [change.file, change.model_dump()["key_path"]]
        groups.setdefault(digest(place) if shared else change.address, []).append(change)
    return [_one(group, rules) for group in groups.values()]


def _one(group: Sequence[Change], rules: Rules) -> Change:
    first = next((change for change in group if change.hold is not None), group[0])
    others = [change for change in group if change is not first]
    hosts = {change.host for change in group}
    readers = (
        [host for host in rules.readers(first.file, first.container) if host not in hosts] if first.key_path else []
    )
    if others and first.hold is None:
        edits: dict[str, PlannedEdit] = {
            digest(edit.model_dump()["at"]): edit for change in group for edit in change.edits
        }
        first = first.model_copy(update={"edits": list(edits.values()), "phase": max(change.phase for change in group)})
    return first.model_copy(update={"also": [change.address for change in others], "also_read_by": readers})
