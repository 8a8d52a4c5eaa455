"""From a verdict to a change: the edits, the fields, the privilege, the precondition."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from mcpconf.canonical import digest, keyed
from mcpconf.compare import differing
from mcpconf.formats import FORMATS
from mcpconf.model.address import Address
from mcpconf.model.base import ABSENT, KeyPath, Step, lookup
from mcpconf.model.change import (
    TERRAFORM_ACTIONS,
    Action,
    Change,
    EditStep,
    FieldChange,
    Hold,
    PlannedEdit,
    Precondition,
    Privilege,
    write_path,
)
from mcpconf.model.commands import command
from mcpconf.model.desired import DesiredEntry, Edit
from mcpconf.model.entry import FIELDS_STATED, Entry
from mcpconf.model.observed import Location, ObservedEntry, ObservedFile
from mcpconf.model.state import Applied
from mcpconf.packages import recognise_entry
from mcpconf.permissions import privilege
from mcpconf.reconcile.display import Display
from mcpconf.reconcile.edits import edits
from mcpconf.reconcile.narrowing import narrows
from mcpconf.reconcile.places import line_of
from mcpconf.reconcile.references import moved_secrets, referring
from mcpconf.reconcile.situation import Situation
from mcpconf.reconcile.table import Verdict


def held(change: Change, hold: Hold) -> Change:
    """The change as one that is not made: shown with what it would do, without edits."""
    more = {"action": "held", "actions": TERRAFORM_ACTIONS["held"], "edits": [], "precondition": None, "hold": hold}
    return change.model_copy(update=more)


def _left(desired: DesiredEntry, observed: ObservedEntry) -> Entry:
    """The entry after an update: what the manifest does not state stays as it was, in an entry that is a map."""
    kept = FIELDS_STATED if isinstance(observed.raw, dict) else ()
    return replace(
        desired.entry, **{name: getattr(observed.entry, name) for name in kept if name not in desired.stated}
    )


class Builder:
    """Makes changes in one situation; holds what all of them need."""

    def __init__(self, situation: Situation) -> None:
        self.situation = situation
        self.display = Display(situation.literals, situation.key)
        self._files = {(file.location.host, file.location.path): file for file in situation.observed.files}
        self._inputs = referring(situation)
        wanted = {str(desired.address) for desired in situation.desired.entries}
        self._revoked = set(situation.state.entries) - wanted

    def file(self, location: Location) -> ObservedFile:
        """What was read there for the host: another one may read the same file for other keys."""
        return self._files[location.host, location.path]

    def create(self, desired: DesiredEntry, reason: str) -> Change:
        file = self.file(desired.location)
        puts = [*self._declarations(desired), PlannedEdit.of(Edit(desired.key_path, desired.encoded))]
        return self._change(desired.address, "create", reason).model_copy(
            update={
                **self._of_desired(desired),
                "after": self.display.entry(desired.entry),
                "edits": puts,
                "new_file": not file.present,
                "precondition": self._precondition(file, desired.key_path, None),
                "privilege": self._privilege(None, desired.entry),
            }
        )

    def update(self, desired: DesiredEntry, observed: ObservedEntry, verdict: Verdict) -> Change:
        """Puts only what differs. An entry that is no map, or cannot be understood, is written anew."""
        replaces = observed.identity != desired.identity or observed.entry.transport != desired.entry.transport
        action: Action = "replace" if replaces else "update"
        return self._change(desired.address, action, verdict.reason).model_copy(
            update={
                **self._of_desired(desired),
                "before": self.display.entry(observed.entry),
                "after": self.display.entry(desired.entry),
                "fields": self._fields(desired, observed, verdict),
                "edits": self._edits(desired, observed, verdict),
                "line": line_of(observed),
                "precondition": self._precondition(observed.file, observed.key_path, observed),
                "privilege": self._privilege(observed.entry, _left(desired, observed)),
                "moved_secrets": moved_secrets(desired.entry, observed.entry, [name for name, _ in verdict.fields]),
                "phase": 1 if narrows(desired.entry, observed.entry, verdict) else 2,
            }
        )

    def displace(self, desired: DesiredEntry, observed: ObservedEntry, reason: str) -> Change:
        """Writes the whole entry anew, with nothing left of one that must not be there."""
        names = differing(desired.entry, observed.entry, desired.stated)
        verdict = Verdict("update", "must_be_absent", tuple((name, reason) for name in names))
        whole = PlannedEdit.of(Edit(desired.key_path, desired.encoded))
        more = {
            "edits": [whole, *self._declarations(desired)],
            "foreign": list(observed.foreign),
            "privilege": self._privilege(observed.entry, desired.entry),
            "phase": 1,
        }
        return self.update(desired, observed, verdict).model_copy(update=more)

    def unset(self, desired: DesiredEntry, observed: ObservedEntry, verdict: Verdict) -> list[str]:
        """Secrets that would take the place of a literal, and that this machine does not set.

        As drift the reference is always put back: it was there before.
        """
        fields = [name for name, reason in verdict.fields if reason != "drifted"]
        moved = moved_secrets(desired.entry, observed.entry, fields)
        return [name for name in moved if name not in self.situation.environment]

    def conflict(self, desired: DesiredEntry, observed: ObservedEntry, verdict: Verdict) -> Change:
        overwrite = command(*self.situation.command, "--on-conflict", "overwrite", "--target", str(desired.address))
        own_name = f"servers.{desired.server}.hosts.{desired.address.host}.name"
        hint = {
            "not_ours": f"{overwrite} writes the manifest's entry",
            "both_changed": f"put the change into the manifest, or {overwrite}",
            "both_names": f"remove one of the two entries, then {command('plan')}",
            "name_taken": f"rename the other server, give ours a name with `{own_name}`, or {overwrite}",
        }[verdict.reason]
        return self._change(desired.address, "conflict", verdict.reason).model_copy(
            update={
                **self._of_desired(desired),
                "before": self.display.entry(observed.entry),
                "after": self.display.entry(desired.entry),
                "fields": self._fields(desired, observed, verdict),
                "line": line_of(observed),
                "hint": hint,
            }
        )

    def delete(self, observed: ObservedEntry, reason: str, applied: Applied | None = None) -> Change:
        """Removes the whole entry, foreign keys with it; and what we put there for it, where nothing else needs it."""
        removals = [PlannedEdit(at=write_path(observed.key_path), absent=True)]
        if applied is not None:
            removals += self._undeclared(observed, applied)
        if applied is not None and applied.created_container:
            removals.append(PlannedEdit(at=write_path(observed.key_path[:-1]), absent=True, when_empty=True))
        return self._change(observed.address, "delete", reason).model_copy(
            update={
                "server": applied.server if applied is not None else observed.address.server,
                "before": self.display.entry(observed.entry),
                "file": observed.file.location.path,
                "format": observed.file.location.format,
                "key_path": write_path(observed.key_path),
                "foreign": list(observed.foreign),
                "line": line_of(observed),
                "edits": removals,
                "precondition": self._precondition(observed.file, observed.key_path, observed),
                "privilege": self._privilege(observed.entry, None),
                "phase": 1,
            }
        )

    def _undeclared(self, observed: ObservedEntry, applied: Applied) -> list[PlannedEdit]:
        """What we declared for the entry goes with it, unless something that stays in the file needs it too."""
        path = observed.file.location.path
        leaving = self._revoked | {str(observed.address)}
        unused = [at for at in applied.declared if not self._inputs.get((path, _element(at)), set()) - leaving]
        lists = [at for at in unused if isinstance(at[-1], str)]
        emptied = [PlannedEdit(at=at, absent=True, when_empty=True) for at in lists]
        return [*(PlannedEdit(at=at, absent=True) for at in unused if at not in lists), *emptied]

    def unknown(self, desired: DesiredEntry, reason: str) -> Change:
        return self._change(desired.address, "unknown", reason).model_copy(update=self._of_desired(desired))

    def shadowed(self, desired: DesiredEntry, observed: ObservedEntry, hold: Hold) -> Change:
        """An entry that is as it should be, but has no effect."""
        more = {**self._of_desired(desired), "line": line_of(observed)}
        return held(self._change(desired.address, "held", "shadowed").model_copy(update=more), hold)

    def _change(self, address: Address, action: Action, reason: str) -> Change:
        return Change(
            address=str(address),
            server=address.server,
            host=address.host,
            action=action,
            actions=TERRAFORM_ACTIONS[action],
            reason=reason,
            restart=address.host,
        )

    def _of_desired(self, desired: DesiredEntry) -> dict[str, object]:
        return {
            "server": desired.server,
            "file": desired.location.path,
            "format": desired.location.format,
            "key_path": write_path(desired.key_path),
            "where": str(desired.where or ""),
        }

    def _fields(self, desired: DesiredEntry, observed: ObservedEntry, verdict: Verdict) -> list[FieldChange]:
        return [
            FieldChange(
                name=name,
                before=self.display.field(observed.entry, name),
                after=self.display.field(desired.entry, name),
                reason=reason,
            )
            for name, reason in verdict.fields
        ]

    def _edits(self, desired: DesiredEntry, observed: ObservedEntry, verdict: Verdict) -> list[PlannedEdit]:
        parts = {**desired.parts, **self.situation.rules.tool_edits(desired, observed.raw)}
        found = edits(desired, parts, observed, [name for name, _ in verdict.fields])
        return [*found, *self._declarations(desired)]

    def _declarations(self, desired: DesiredEntry) -> list[PlannedEdit]:
        """What the entry needs elsewhere in its file and is not there yet."""
        if not desired.declares:
            return []
        text = self.file(desired.location).text
        value = FORMATS[desired.location.format].parse(text).value if text.strip() else {}
        due = [edit for edit in desired.declares if lookup(value, edit.at) is ABSENT]
        return [PlannedEdit.of(edit).model_copy(update={"unless_there": True}) for edit in due]

    def _privilege(self, before: Entry | None, after: Entry | None) -> list[Privilege]:
        situation = self.situation
        found = privilege(before, after, home=situation.home, os=situation.os, recognise=recognise_entry)
        return [
            Privilege(direction=item.direction, severity=item.severity, dimension=item.dimension, text=item.text)
            for item in found
        ]

    def _precondition(self, file: ObservedFile, path: KeyPath, observed: ObservedEntry | None) -> Precondition:
        return Precondition(
            value="absent" if observed is None else self._value_digest(observed),
            container=_kind(path[-1]) if path[:-1] in file.containers else "absent",
            resolved=file.resolved,
            owner=file.owner,
            mode=file.mode,
        )

    def _value_digest(self, observed: ObservedEntry) -> str | None:
        understood = observed.problem is None and not observed.foreign
        if understood and not self.display.holds_literal(observed.entry):
            return digest(observed.raw)
        return None if self.situation.key is None else keyed(self.situation.key, observed.raw)


def _kind(step: Step) -> Literal["map", "list"]:
    """Of what holds an entry, by the last step to it."""
    return "map" if isinstance(step, str) else "list"


def _element(at: list[str | EditStep]) -> str:
    last = at[-1]
    return last if isinstance(last, str) else last.element or ""
