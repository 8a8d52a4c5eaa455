"""What a plan lists beside its changes: what the manifest does not put there, and files that others may write."""

from __future__ import annotations

from collections.abc import Sequence

from mcpconf.model.change import Hold
from mcpconf.model.plan import Unmanaged
from mcpconf.reconcile.changes import Builder, held
from mcpconf.reconcile.draft import Draft
from mcpconf.reconcile.drift import drift, of_permissions, of_stray
from mcpconf.reconcile.holds import HOLDS
from mcpconf.reconcile.ignoring import Ignoring
from mcpconf.reconcile.sharing import deleted, spot
from mcpconf.reconcile.situation import Situation, Treatment
from mcpconf.reconcile.strays import Stray, spared, treatment, unmanaged_entry
from mcpconf.secrets import find


class Listing:
    """Looks at a draft whose other changes are all there."""

    def __init__(self, situation: Situation, draft: Draft, ignoring: Ignoring, strays: Sequence[Stray]) -> None:
        self._situation = situation
        self._draft = draft
        self._ignoring = ignoring
        self._strays = strays

    def remove(self, builder: Builder) -> None:
        """Where policy removes what the manifest does not list."""
        removable = [item for item in self._strays if self._treatment(item) == "remove"]
        kept_back = spared(self._situation, self._strays, removable)
        hold = Hold(
            by="mass-removal",
            message="more than half of what was here before the first apply would be removed",
            hint=HOLDS["mass-removal"].do,
            action="delete",
        )
        for item in removable:
            change = builder.delete(item.entry, "unmanaged")
            self._draft.changes.append(held(change, hold) if str(item.address) in kept_back else change)

    def finish(self) -> None:
        """Once nothing is added to the changes any more."""
        self._list_grants()
        self._list_strays()
        self._look_at_files()

    def _list_strays(self) -> None:
        changes = {change.address: change for change in self._draft.changes}
        gone = deleted(self._draft)
        for item in self._strays:
            change = changes.get(str(item.address)) or gone.get(spot(item.entry))
            removed = change is not None and change.writes
            listed = unmanaged_entry(item, self._treatment(item), removed=removed)
            if str(item.address) in self._draft.untouched:
                self._ignoring.note(item.address)
            if listed.new:
                self._draft.drift.append(of_stray(item, "revert" if removed else "held" if change else "nothing"))
            self._draft.unmanaged.append(listed)

    def _list_grants(self) -> None:
        """Approvals that are neither declared nor taken back."""
        self._draft.unmanaged = [item if item.removed else self._left_alone(item) for item in self._draft.unmanaged]
        self._draft.drift += [
            drift("unmanaged", item.address, item.reason, severity="medium", where=item.where)
            for item in self._draft.unmanaged
            if item.new and not item.removed
        ]

    def _treatment(self, item: Stray) -> Treatment:
        return "keep" if self._ignoring.leaves(item.address) else treatment(self._situation, item.entry)

    def _left_alone(self, grant: Unmanaged) -> Unmanaged:
        """An approval as it is listed: what the manifest says to leave alone is only counted."""
        if not self._ignoring.leaves(grant.address):
            return grant
        self._ignoring.note(grant.address)
        return grant.model_copy(update={"new": False, "kept": True})

    def _look_at_files(self) -> None:
        literal = {entry.file.location.path for entry in self._situation.observed.entries if find(entry.entry)}
        literal |= {file.location.path for file in self._situation.observed.stores}
        for file in (*self._situation.observed.files, *self._situation.observed.stores):
            item = of_permissions(file, literal=file.location.path in literal, user=self._situation.uid)
            if item is not None:
                self._draft.drift.append(item)
