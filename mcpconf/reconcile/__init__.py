"""Desired, Observed and Applied to a plan: which change each address needs, and why."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

from mcpconf.errors import Problem
from mcpconf.model.address import Address
from mcpconf.model.change import Change, Hold
from mcpconf.model.desired import DesiredEntry
from mcpconf.model.observed import ObservedEntry
from mcpconf.model.state import Applied
from mcpconf.reconcile.bygone import attributed
from mcpconf.reconcile.changes import Builder, held
from mcpconf.reconcile.draft import Draft
from mcpconf.reconcile.drift import disabled, of_change
from mcpconf.reconcile.grants import Grants
from mcpconf.reconcile.holds import HOLDS
from mcpconf.reconcile.ignoring import Ignoring
from mcpconf.reconcile.lasting import back
from mcpconf.reconcile.listing import Listing
from mcpconf.reconcile.outlook import Outlook
from mcpconf.reconcile.policing import police
from mcpconf.reconcile.recall import end_here, withheld, withhold_approvals
from mcpconf.reconcile.records import owned, record, taken_from, tombstone, unchanged
from mcpconf.reconcile.references import replaced_texts
from mcpconf.reconcile.renaming import Known, Move, former, moves, renamed, with_previous
from mcpconf.reconcile.revocation import Forbidden, editable, end_elsewhere, residue, untouchable
from mcpconf.reconcile.revoked import RevokedHere
from mcpconf.reconcile.sharing import Sharing, deleted, drop_residue, spot
from mcpconf.reconcile.showing import drift_of_surfaces, unanswered
from mcpconf.reconcile.situation import Situation
from mcpconf.reconcile.stored import drift_of_store, unread
from mcpconf.reconcile.strays import Stray, stray
from mcpconf.reconcile.switched import switched_off
from mcpconf.reconcile.table import Verdict, converged, decide, reworded
from mcpconf.reconcile.unignored import marked
from mcpconf.secrets import find


def reconcile(situation: Situation) -> Draft:
    """Walk every address that is desired, observed or applied, once."""
    return _Walk(situation).run()


class _Walk:
    def __init__(self, situation: Situation) -> None:
        self.draft = Draft(gone=[*situation.state.tombstones, *back(situation)])
        self._ask_git = situation.tracked
        self.here = RevokedHere(situation)
        self.situation = replace(situation, tracked=self._tracked, desired=self.here.allowed())
        self.unreadable = {file.location.path for file in situation.observed.files if file.problem is not None}
        self.builder = Builder(self.situation)
        self.ignoring = Ignoring(situation.ignored, self.draft)
        self.desired = {entry.address: entry for entry in self.situation.desired.entries}
        self.observed = {entry.address: entry for entry in situation.observed.entries}
        self.observed |= {other.address: other for other in situation.observed.others if other.address in self.desired}
        self.applied = {Address.parse(text): applied for text, applied in situation.state.entries.items()}
        skipped = [finding.address for finding in situation.desired.findings]
        self.skipped = {*skipped, *former(situation, skipped)}
        self.sharing = Sharing(self.desired, self.observed, self.applied)
        self.displaced: set[Address] = set()
        self.moves: dict[Address, Move] = {}
        self.strays: list[Stray] = []

    def run(self) -> Draft:
        self._end_revoked()
        left = self._without_forbidden()
        self._find_moves(left)
        settled = self.displaced | self.draft.renamed.keys()
        for address in sorted({*self.desired, *left, *self.applied} - settled):
            self._settle(address, left.get(address))
        gone = {*deleted(self.draft), *(spot(move.observed) for move in self.moves.values() if move.observed)}
        self.strays = [item for item in self.strays if spot(item.entry) not in gone]
        strays = [item.entry for item in self.strays]
        claimed = end_elsewhere(self.situation, self.builder, self.draft, strays, self.ignoring.leaves)
        self.strays = [item for item in self.strays if item.address not in claimed]
        listing = Listing(self.situation, self.draft, self.ignoring, self.strays)
        listing.remove(self.builder)
        drop_residue(self.draft, self.situation.observed.entries)
        withhold_approvals(self.draft, self.here)
        Grants(self.situation, self.draft, self.here, self.ignoring.leaves).settle()
        self.draft.drift += Outlook(self.situation, self.builder, self.draft).look()
        listing.finish()
        self.draft.drift += drift_of_store(self.situation, {change.server for change in self.draft.changes})
        self.draft.drift += drift_of_surfaces(self.situation.supplied)
        self.draft.problems |= unread(self.situation.supplied.installations) | unanswered(self.situation.supplied)
        self.draft.changes = list(marked(self.situation, self.draft.changes))
        return police(self.situation, attributed(self.situation, self.draft))

    def _tracked(self, path: str) -> bool | Problem:
        """Ask git. A file that it cannot tell about is left alone, and the plan says so."""
        answer = self._ask_git(path)
        if isinstance(answer, Problem):
            self.draft.problems[path] = answer
        return answer

    def _end_revoked(self) -> None:
        """What was revoked on this machine goes, and is not written, whatever the manifest says of it."""
        for address, entry in list(self.observed.items()):
            found = self.here.entry(address)
            if found is None:
                continue
            del self.observed[address]
            applied = self.applied.pop(address, None)
            end_here(self.situation, self.builder, self.draft, (entry, found, applied))
            self._forget(address, applied)
        self.draft.changes += withheld(self.builder, self.draft, self.here)

    def _without_forbidden(self) -> dict[Address, ObservedEntry]:
        forbidden = Forbidden(self.situation)
        left = {}
        for address, entry in self.observed.items():
            desired = self.desired.get(address)
            if not forbidden.names(entry) or (desired is None and self.sharing.wants(entry)):
                left[address] = entry
            elif desired is not None and editable(self.situation, entry):
                self._put_in_place(desired, entry)
            else:
                forbidden.end(self.builder, self.draft, entry)
                if desired is None:
                    self._forget(address, self.applied.pop(address, None))
        return left

    def _find_moves(self, left: dict[Address, ObservedEntry]) -> None:
        """Entries that lie under the name which their server had are looked for there, and by no other name."""
        waiting = {address: entry for address, entry in self.desired.items() if address not in self.displaced}
        self.moves = moves(self.situation, waiting, Known(left, self.applied, self.unreadable))
        self.desired |= {address: move.wanted for address, move in self.moves.items()}
        self.sharing = Sharing(self.desired, self.observed, self.applied)
        asked = replace(self.situation.desired, entries=tuple(self.desired.values()))
        self.situation = replace(self.situation, desired=asked)
        self.draft.renamed = {move.before: address for address, move in self.moves.items()}

    def _put_in_place(self, desired: DesiredEntry, observed: ObservedEntry) -> None:
        """What is wanted takes the place of what is forbidden, in one step: the first phase must not leave it there."""
        applied = self.applied.get(desired.address)
        change = self.builder.displace(desired, observed, "drifted" if applied else "must_be_absent")
        self.draft.instead[change.address] = self.builder.delete(observed, "must_be_absent")
        self.draft.drift += of_change(change, desired.entry, observed)
        self.draft.changes.append(change)
        self._remember(desired, applied, change)
        self.displaced.add(desired.address)

    def _settle(self, address: Address, observed: ObservedEntry | None) -> None:
        desired, applied, move = self.desired.get(address), self.applied.get(address), self.moves.get(address)
        observed = move.observed if move is not None and move.renames else observed
        path = desired.location.path if desired else applied.file if applied and observed is None else ""
        if path in self.unreadable:
            if desired is not None:
                self.draft.changes.append(self.builder.unknown(desired, "unreadable"))
            return
        if desired is not None:
            desired = self.ignoring.as_found(desired, observed)
            applied = self._known(desired)
        verdict = reworded(decide(desired, observed, applied, self.situation.field_digest), self.situation.reasons)
        if move is not None and move.rival:
            verdict = Verdict("conflict", "both_names")
        if desired is not None:
            self._want(desired, observed, applied, verdict)
        elif verdict.outcome == "gone":
            self._forget(address, applied)
        else:
            assert observed is not None
            self._leave(observed, applied, verdict)

    def _known(self, desired: DesiredEntry) -> Applied | None:
        """What we last wrote there, be it under another name, or for another host that reads the same place."""
        move = self.moves.get(desired.address)
        if move is not None and not move.rival and move.applied is not None:
            return move.applied
        return self.applied.get(desired.address) or self.sharing.written_before(desired)

    def _want(
        self, desired: DesiredEntry, observed: ObservedEntry | None, applied: Applied | None, verdict: Verdict
    ) -> None:
        location, move = desired.location, self.moves.get(desired.address)
        stays = verdict.outcome in ("nothing", "recorded") and (move is None or not move.renames)
        if self.ignoring.leaves(desired.address):
            if not stays:
                self.ignoring.note(desired.address)
            return
        self.draft.drift += disabled(desired, observed)
        self.draft.drift += switched_off(desired, self.situation.observed)
        own = self.applied.get(desired.address)
        if stays and verdict.outcome == "nothing" and own is not None and unchanged(self.situation, desired, own):
            return
        if stays:
            self.draft.converged += converged(desired, applied, self.situation.field_digest)
            self._remember(desired, applied, None)
        elif location.scope == "project" and untouchable(self.situation, location):
            change = self._change(desired, observed, verdict)
            self.draft.tracked[change.address] = change
        elif observed is not None and verdict.outcome == "conflict":
            self._conflict(desired, observed, verdict)
        else:
            self._write(desired, observed, verdict)

    def _change(self, desired: DesiredEntry, observed: ObservedEntry | None, verdict: Verdict) -> Change:
        if observed is None:
            return self.builder.create(desired, verdict.reason)
        change, move = self.builder.update(desired, observed, verdict), self.moves.get(desired.address)
        return change if move is None or not move.renames else renamed(change, move)

    def _write(self, desired: DesiredEntry, observed: ObservedEntry | None, verdict: Verdict) -> None:
        change = self._change(desired, observed, verdict)
        unset = self.builder.unset(desired, observed, verdict) if observed is not None else []
        if unset:
            self.draft.unset[change.address] = unset
        self.draft.drift += of_change(change, desired.entry, observed)
        self.draft.changes.append(change)
        self._remember(desired, self._known(desired), change)

    def _conflict(self, desired: DesiredEntry, observed: ObservedEntry, verdict: Verdict) -> None:
        answer = self._answer(desired.address, verdict)
        if answer == "overwrite" or self._only_secrets(desired, observed, verdict):
            self._write(desired, observed, verdict)
            return
        change, move = self.builder.conflict(desired, observed, verdict), self.moves.get(desired.address)
        change = change if move is None else with_previous(change, move)
        found = of_change(change, desired.entry, observed)
        if answer == "keep":
            self.draft.kept.append(change)
            found = [item.model_copy(update={"counted": False}) for item in found]
        else:
            self.draft.changes.append(change)
        self.draft.drift += found

    def _only_secrets(self, desired: DesiredEntry, observed: ObservedEntry, verdict: Verdict) -> bool:
        """Whether the entry is as the manifest says, but has secrets in clear where the manifest refers to them."""
        if verdict.reason == "both_changed":
            return False
        moved = replaced_texts(desired.entry, observed.entry, [name for name, _ in verdict.fields])
        return bool(moved) and self._known_secrets.issuperset(moved)

    @cached_property
    def _known_secrets(self) -> frozenset[str]:
        """Every literal secret of the machine: the same one may stand where nothing gives it away."""
        return frozenset(item.value for entry in self.situation.observed.entries for item in find(entry.entry))

    def _answer(self, address: Address, verdict: Verdict) -> str:
        """What policy or the command line says to a conflict. A name that is taken is given up only for its very address."""
        choices, policy = self.situation.choices, self.situation.policy
        if verdict.reason == "both_names":
            return "keep" if choices.on_conflict == "keep" else "fail"
        configured = policy.both_changed if verdict.reason == "both_changed" else policy.not_ours
        answer = choices.on_conflict or configured
        if verdict.reason != "name_taken" or answer != "overwrite":
            return answer
        return answer if choices.on_conflict and str(address) in choices.targets else "fail"

    def _leave(self, observed: ObservedEntry, applied: Applied | None, verdict: Verdict) -> None:
        """An entry that is not wanted here."""
        address = observed.address
        if self.sharing.wants(observed):
            self.draft.records.forget.extend([str(address)] if applied is not None else [])
        elif applied is None:
            self.strays.append(stray(self.situation, observed, verdict.reason))
        elif self.situation.handed_back(address, applied.server):
            self.draft.records.forget.append(str(address))
            self.strays.append(stray(self.situation, observed, "released"))
        elif verdict.outcome == "unmanaged":
            self.strays.append(stray(self.situation, observed, verdict.reason))
            self._forget(address, applied)
        elif str(address) not in self.skipped:
            self._revoke(observed, applied, verdict)

    def _revoke(self, observed: ObservedEntry, applied: Applied, verdict: Verdict) -> None:
        if not editable(self.situation, observed):
            self.draft.residue.append(residue(observed, "revoked, but it lies where mcpconf does not write"))
            return
        change = self.builder.delete(observed, verdict.reason, applied)
        if applied.protect:
            message, hint = "it was written with `protect: true`", HOLDS["protect"].do
            change = held(change, Hold(by="protect", message=message, hint=hint, action="delete"))
        self._forget(observed.address, applied)
        self.draft.drift += of_change(change, None, observed)
        self.draft.changes.append(change)

    def _remember(self, desired: DesiredEntry, applied: Applied | None, change: Change | None) -> None:
        """Only a machine that has a key has a state. It holds what the manifest says, also of what is not compared."""
        move = self.moves.get(desired.address)
        if move is not None and move.applied is not None:
            self.draft.records.forget.append(str(move.before))
        if self.situation.key is None:
            return
        new = record(self.situation, self.desired[desired.address], applied, change)
        known = self.applied.get(desired.address)
        for mark in taken_from(desired.address, known, new, self.situation.asked) if known is not None else ():
            self.draft.bury(mark)
        if new != known:
            self.draft.records.entries[str(desired.address)] = new
            self.draft.records.owned.update(owned(self.desired[desired.address]))

    def _forget(self, address: Address, applied: Applied | None) -> None:
        """It is no longer ours, but stays on the list of what must be gone."""
        if applied is not None:
            self.draft.records.forget.append(str(address))
            self.draft.bury(tombstone(address, applied))
