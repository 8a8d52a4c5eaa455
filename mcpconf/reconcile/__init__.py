"""Desired, Observed and Applied to a plan: which change each address needs, and why."""

from __future__ import annotations

from collections.abc import Iterable

from mcpconf.errors import Problem
from mcpconf.model.address import Address
from mcpconf.model.change import Change, Hold
from mcpconf.model.desired import DesiredEntry
from mcpconf.model.observed import ObservedEntry
from mcpconf.model.plan import Residue
from mcpconf.model.state import Applied, Tombstone
from mcpconf.reconcile.changes import Builder
from mcpconf.reconcile.draft import Draft
from mcpconf.reconcile.drift import drift, of_change, of_permissions, of_stray
from mcpconf.reconcile.places import place
from mcpconf.reconcile.situation import Situation
from mcpconf.reconcile.strays import (
    Stray,
    editable,
    forbidden,
    revoked_elsewhere,
    stray,
    tombstone,
    treatment,
    unmanaged_entry,
    unmanaged_grants,
)
from mcpconf.reconcile.table import Verdict, decide, field_digests


def reconcile(situation: Situation) -> Draft:
    """Walk every address that is desired, observed or applied, once."""
    return _Walk(situation).run()


class _Walk:
    def __init__(self, situation: Situation) -> None:
        self.situation = situation
        self.draft = Draft()
        files = {file.location.path: file for file in situation.observed.files}
        self.unreadable = {path for path, file in files.items() if file.problem is not None}
        self.builder = Builder(situation, files)
        self.desired = {entry.address: entry for entry in situation.desired.entries}
        self.observed = {entry.address: entry for entry in situation.observed.entries}
        self.applied = {Address.parse(text): applied for text, applied in situation.state.entries.items()}
        self.strays: list[Stray] = []
        self.gone: list[Tombstone] = list(situation.state.tombstones)

    def run(self) -> Draft:
        left = self._without_forbidden()
        for address in sorted({*self.desired, *left, *self.applied}):
            self._settle(address, self.desired.get(address), left.get(address), self.applied.get(address))
        self._name_shadows()
        self._end_revocations()
        self._settle_strays()
        self._hold_partial()
        self._look_at_files()
        self._lift_tombstones()
        return self.draft

    def _without_forbidden(self) -> dict[Address, ObservedEntry]:
        left = {}
        for address, entry in self.observed.items():
            answer = forbidden(self.situation, self.builder, entry)
            if answer is None:
                left[address] = entry
                continue
            changes, residue = answer
            self.draft.changes += changes
            self.draft.residue += residue
            self._forget(address, self.applied.pop(address, None))
        return left

    def _settle(
        self,
        address: Address,
        desired: DesiredEntry | None,
        observed: ObservedEntry | None,
        applied: Applied | None,
    ) -> None:
        path = desired.location.path if desired else applied.file if applied and observed is None else ""
        if path in self.unreadable:
            if desired is not None:
                self.draft.changes.append(self.builder.unknown(desired, "unreadable"))
            return
        verdict = decide(desired, observed, applied, self.situation.field_digest)
        match verdict.outcome:
            case "nothing" | "recorded":
                assert desired is not None
                assert observed is not None
                self._in_sync(desired, observed, applied, recorded=verdict.outcome == "recorded")
            case "create":
                assert desired is not None
                self._write(self.builder.create(desired, verdict.reason), desired, None)
            case "update":
                assert desired is not None
                assert observed is not None
                self._write(self.builder.update(desired, observed, verdict), desired, observed)
            case "conflict":
                assert desired is not None
                assert observed is not None
                self._conflict(desired, observed, verdict)
            case "delete":
                assert observed is not None
                assert applied is not None
                self._revoke(observed, applied, verdict)
            case "gone":
                self._forget(address, applied)
            case "unmanaged":
                assert observed is not None
                self.strays.append(stray(self.situation, observed, verdict.reason))
                if verdict.reason == "name_reused":
                    self._forget(address, applied)

    def _in_sync(
        self, desired: DesiredEntry, observed: ObservedEntry, applied: Applied | None, *, recorded: bool
    ) -> None:
        if recorded:
            self.draft.recorded += 1
            self._record(desired, applied)
        winner = self.situation.shadowed.get(desired.address)
        if winner is not None:
            self.draft.changes.append(self._held_by_shadow(desired, observed, winner))

    def _held_by_shadow(self, desired: DesiredEntry, observed: ObservedEntry, winner: Address) -> Change:
        message = f"`{winner}` wins over it ({self._place(winner)})"
        verdict = Verdict("conflict", "not_ours")
        change = self.builder.conflict(desired, observed, verdict)
        hold = Hold(by="shadowed", message=message, hint=f"remove or rename `{winner}`", code=2)
        return change.model_copy(update={"action": "held", "reason": "shadowed", "hold": hold, "hint": ""})

    def _write(self, change: Change, desired: DesiredEntry, observed: ObservedEntry | None) -> None:
        location = desired.location
        if location.scope == "project" and not self.situation.projects.get(location.project, False):
            answer = self.situation.tracked(location.path)
            if isinstance(answer, Problem) or answer:
                self.draft.tracked[change.address] = change
                return
        self.draft.drift += of_change(change, desired.entry, observed)
        self.draft.changes.append(change)
        self._record(desired, self.applied.get(desired.address), change)

    def _conflict(self, desired: DesiredEntry, observed: ObservedEntry, verdict: Verdict) -> None:
        choices, policy = self.situation.choices, self.situation.policy
        configured = policy.both_changed if verdict.reason == "both_changed" else policy.not_ours
        answer = choices.on_conflict or configured
        if verdict.reason == "name_taken" and answer == "overwrite" and str(desired.address) not in choices.targets:
            answer = "fail"
        if answer == "overwrite":
            change = self.builder.update(desired, observed, verdict)
            self._record(desired, self.applied.get(desired.address), change)
        else:
            change = self.builder.conflict(desired, observed, verdict)
        found = of_change(change, desired.entry, observed)
        if answer == "keep":
            self.draft.kept.append(change)
            found = [item.model_copy(update={"counted": False}) for item in found]
        else:
            self.draft.changes.append(change)
        self.draft.drift += found

    def _revoke(self, observed: ObservedEntry, applied: Applied, verdict: Verdict) -> None:
        if self.situation.handed_back(observed.address, applied.server):
            self.draft.records.forget.append(str(observed.address))
            self.strays.append(stray(self.situation, observed, "released"))
            return
        if not editable(self.situation, observed):
            message = "revoked, but its file is tracked by git"
            hint = f"remove `{observed.address.server}` from {place(observed)} and commit"
            self.draft.residue.append(
                Residue(address=str(observed.address), message=message, where=place(observed), instruction=hint)
            )
            return
        change = self.builder.delete(observed, verdict.reason, applied)
        if applied.protect:
            hold = Hold(
                by="protect",
                message="it was written with `protect: true`",
                hint="apply it once with `protect: false`, then remove it",
                action="delete",
            )
            change = change.model_copy(update={"action": "held", "hold": hold, "edits": []})
        else:
            self._forget(observed.address, applied)
        self.draft.drift += of_change(change, None, observed)
        self.draft.changes.append(change)

    def _name_shadows(self) -> None:
        for address, winner in sorted(self.situation.shadowed.items()):
            if address in self.desired:
                where = self._place(winner)
                more = {"severity": "high", "will": "held", "where": where, "pointer": str(winner)}
                message = f"`{winner}` wins over it"
                self.draft.drift.append(drift("shadowed", str(address), message, **more))

    def _place(self, address: Address) -> str:
        entry = self.observed.get(address)
        return place(entry) if entry is not None else f"a file of scope {address.scope}"

    def _hold_partial(self) -> None:
        """A host that merges entries key by key may refuse to start on what another of its files leaves of a server."""
        for index, change in enumerate(self.draft.changes):
            left = self.situation.partial(Address.parse(change.address)) if change.action == "delete" else ()
            if left:
                files = ", ".join(self._place(address) for address in left)
                message = f"without it, {change.host} would not start: part of the server is also in {files}"
                hold = Hold(by="partial-entry", message=message, hint=f"remove it from {files} first", action="delete")
                self.draft.changes[index] = change.model_copy(update={"action": "held", "hold": hold, "edits": []})

    def _end_revocations(self) -> None:
        changes, residue, claimed = revoked_elsewhere(
            self.situation, self.builder, [item.entry for item in self.strays], self.gone
        )
        self.draft.changes += changes
        self.draft.residue += residue
        self.strays = [item for item in self.strays if item.address not in claimed]

    def _settle_strays(self) -> None:
        removable = [item for item in self.strays if treatment(self.situation, item.entry) == "remove"]
        spared = self._mass_removal(removable)
        for item in self.strays:
            wanted = treatment(self.situation, item.entry)
            removed = wanted == "remove"
            if removed:
                self.draft.changes.append(self._remove(item, held=str(item.address) in spared))
            if item.new and wanted != "keep":
                self.draft.drift.append(of_stray(item, "revert" if removed else "nothing"))
            self.draft.unmanaged.append(unmanaged_entry(item, removed=removed))
        grants = unmanaged_grants(self.situation, self.situation.observed.grants)
        self.draft.drift += [
            drift("unmanaged", item.address, item.reason, severity="medium", where=item.where)
            for item in grants
            if item.new
        ]
        self.draft.unmanaged += grants

    def _remove(self, item: Stray, *, held: bool) -> Change:
        change = self.builder.delete(item.entry, "unmanaged")
        if not held:
            return change
        hold = Hold(
            by="mass-removal",
            message="more than half of what was here before the first apply would be removed",
            hint="look at each, then pass `--allow-mass-removal`",
            action="delete",
        )
        return change.model_copy(update={"action": "held", "hold": hold, "edits": []})

    def _mass_removal(self, removable: Iterable[Stray]) -> frozenset[str]:
        """Addresses held back: removing five or more, and more than half, of what the first apply found."""
        baseline = self.situation.state.baseline
        known = {str(item.address) for item in self.strays} if baseline is None else set(baseline)
        doomed = {str(item.address) for item in removable} & known
        excessive = len(doomed) >= 5 and 2 * len(doomed) > len(known)
        return frozenset(doomed) if excessive and not self.situation.choices.allow_mass_removal else frozenset()

    def _look_at_files(self) -> None:
        literal = {
            entry.file.location.path
            for entry in self.situation.observed.entries
            if self.builder.display.holds_literal(entry.entry)
        }
        for file in self.situation.observed.files:
            item = of_permissions(file, literal=file.location.path in literal)
            if item is not None:
                self.draft.drift.append(item.model_copy(update={"counted": False}))

    def _lift_tombstones(self) -> None:
        """A tombstone ends once its identity is nowhere and everything could be read."""
        if self.unreadable or self.situation.observed.problems:
            return
        present = {entry.identity for entry in self.situation.observed.entries}
        self.draft.records.lifted.extend(mark.address for mark in self.gone if mark.identity not in present)

    def _record(self, desired: DesiredEntry, applied: Applied | None, change: Change | None = None) -> None:
        """What the state will say of this entry. What we once created stays ours to remove."""
        if self.situation.key is None:
            return
        created = change is not None and change.precondition is not None and change.precondition.container == "absent"
        declared = [] if applied is None else list(applied.declared)
        declared += [edit.at for edit in change.edits if edit.unless_there] if change is not None else []
        self.draft.records.entries[str(desired.address)] = Applied(
            server=desired.server,
            identity=desired.identity,
            fields=field_digests(desired, self.situation.field_digest),
            file=desired.location.path,
            environment=sorted(desired.entry.env),
            arguments=self.situation.field_digest([str(value) for value in desired.entry.argv]),
            created_container=created or bool(applied and applied.created_container),
            declared=declared,
            protect=desired.protect,
        )

    def _forget(self, address: Address, applied: Applied | None) -> None:
        if applied is None:
            return
        mark = tombstone(str(address), applied)
        self.draft.records.forget.append(str(address))
        self.draft.records.tombstones.append(mark)
        self.gone.append(mark)
