"""The journal of one apply: what it takes to finish the first phase, or to undo the second, after a crash."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import ValidationError

from mcpconf.canonical import keyed
from mcpconf.documents.store import Store, render_document
from mcpconf.errors import Problem, Where
from mcpconf.formats import FORMATS, FormatError, decode_text, encode_text
from mcpconf.model.base import ABSENT, Document, Json, lookup
from mcpconf.model.change import EditStep, PlannedEdit
from mcpconf.model.plan import Plan, Records
from mcpconf.model.state import State
from mcpconf.ports import Files
from mcpconf.transaction import generations
from mcpconf.transaction.preconditions import GONE, holds, key_path
from mcpconf.transaction.prepare import Prepared, edited, fingerprint, value_of

NAME = "journal.json"

Phase = Literal["narrowing", "changing", "written"]


class JournalChange(Document):
    """One change. `before` and `after` are the digests of the value at its key path; `before` is None if unknown.

    `previous` is that of what moves there from `previous_key_path`, where `previous_address` was.
    """

    address: str
    also: list[str] = []
    action: str = ""
    reason: str = ""
    phase: Literal[1, 2]
    key_path: list[str | EditStep]
    before: str | None
    after: str
    edits: list[PlannedEdit]
    previous_address: str = ""
    previous_key_path: list[str | EditStep] = []
    previous: str | None = None

    @property
    def touches(self) -> tuple[str, ...]:
        return (self.address, *self.also, *([self.previous_address] if self.previous_address else []))

    def waits(self, value: Json, key: bytes | None) -> bool:
        """Whether the file is, at the places of the change, as it was before."""
        if self.before is None or not holds(self.before, self.found(value), key):
            return False
        old = lookup(value, PlannedEdit(at=self.previous_key_path).path)
        return not self.previous_key_path or (self.previous is not None and holds(self.previous, old, key))

    def found(self, value: Json) -> Json:
        return lookup(value, PlannedEdit(at=self.key_path).path)


class JournalFile(Document):
    """One file: digests of its three legal contents, and its changes. Values are references, never secrets.

    `folders` did not exist before; `preimage` is None where the file did not exist either.
    """

    path: str
    target: str
    within: str
    format: str
    folders: list[str]
    preimage: str | None
    before: str
    narrowed: str
    after: str
    changes: list[JournalChange]


class Journal(Document):
    """`phase` tells how far the apply had come when it stopped, `records` what the state becomes for each address."""

    plan: str
    generation: int
    phase: Phase
    files: list[JournalFile]
    records: Records
    commit: str | None = None


@dataclass(slots=True)
class Ledger:
    """The journal in memory and on disk: the same after every method. Methods raise OSError."""

    store: Store
    journal: Journal

    def mark(self, phase: Phase) -> None:
        self._write(self.journal.model_copy(update={"phase": phase}))

    def expect(self, item: Prepared, phase: Literal[1, 2]) -> None:
        """Before a file is written: if somebody changed it meanwhile, the way back must lead to their content."""
        files = self.journal.files
        index = next(position for position, file in enumerate(files) if file.path == item.work.path)
        known = files[index].before if phase == 1 else files[index].narrowed
        if fingerprint(item.before) == known:
            return
        image = generations.keep_another(self.store, self.journal.generation, item)
        form = FORMATS[item.work.format]
        later = [edit for change in files[index].changes if change.phase > phase for edit in change.edits]
        after = encode_text(edited(form, decode_text(item.after), later))
        update = {
            "preimage": image.name,
            "before": fingerprint(item.before),
            "narrowed": fingerprint(item.after if phase == 1 else item.before),
            "after": fingerprint(after),
        }
        changed = [*files[:index], files[index].model_copy(update=update), *files[index + 1 :]]
        self._write(self.journal.model_copy(update={"files": changed}))

    def _write(self, journal: Journal) -> None:
        self.store.write(NAME, render_document(journal.model_dump()))
        self.journal = journal


def begin(store: Store, plan: Plan, prepared: list[Prepared], state: State) -> Ledger:
    """Keep the pre-images, then write the journal. From here on a crash can be recovered. Raises OSError."""
    number = generations.next_number(store, state.serial)
    key = store.prepare()
    try:
        kept = generations.keep(store, number, prepared, frozenset(state.files))
        images = {image.path: image.name for image in kept.images}
        files = [_file(item, images.get(item.work.path), key) for item in prepared]
        records = _records(plan, {change.address for file in files for change in file.changes})
        journal = Journal(
            plan=plan.plan_digest,
            generation=number,
            phase="narrowing",
            files=files,
            records=records,
            commit=plan.origin.commit,
        )
        ledger = Ledger(store, journal)
        ledger.mark("narrowing")
    except OSError:
        end(store)
        generations.drop(store, number)
        raise
    return ledger


def _file(item: Prepared, preimage: str | None, key: bytes) -> JournalFile:
    work = item.work
    value = value_of(FORMATS[work.format], decode_text(item.after))
    changes = []
    for change in work.changes:
        found = lookup(value, key_path(change))
        changes.append(
            JournalChange(
                address=change.address,
                also=change.also,
                action=change.action,
                reason=change.reason,
                phase=change.phase,
                key_path=change.key_path,
                before=change.precondition.value if change.precondition is not None else None,
                after=GONE if found is ABSENT else keyed(key, found),
                edits=change.edits,
                previous_address=change.previous_address,
                previous_key_path=change.previous_key_path,
                previous=change.precondition.previous if change.precondition is not None else None,
            )
        )
    return JournalFile(
        path=work.path,
        target=item.target,
        within=work.within,
        format=work.format,
        folders=list(item.folders),
        preimage=preimage,
        before=fingerprint(item.before),
        narrowed=fingerprint(item.narrowed if item.before is not None else None),
        after=fingerprint(item.after),
        changes=changes,
    )


def _records(plan: Plan, written: set[str]) -> Records:
    """Those of the changes that are made, and of addresses that need none."""
    left = {text for change in plan.changes if change.address not in written for text in change.touches}
    records = plan.records
    return records.model_copy(
        update={
            "entries": {address: applied for address, applied in records.entries.items() if address not in left},
            "owned": {address: owned for address, owned in records.owned.items() if address not in left},
            "grants": {address: granted for address, granted in records.grants.items() if granted.by not in left},
            "seen": {address: seen for address, seen in records.seen.items() if seen.by not in left},
            "forget": [address for address in records.forget if address not in left],
        }
    )


def end(store: Store) -> None:
    """Raises OSError."""
    store.machine.files.remove(store.path(NAME))


def load(store: Store) -> Journal | Problem | None:
    snapshot = store.machine.files.read(store.path(NAME))
    if snapshot is None or isinstance(snapshot, Problem):
        return snapshot
    try:
        return Journal.model_validate_json(snapshot.data)
    except ValidationError:
        hint = f"compare the files with `{store.path(generations.FOLDER)}`, then remove the journal"
        return Problem("malformed", "the journal of an unfinished apply cannot be read", Where(store.path(NAME)), hint)


def in_effect(files: Files, journal: Journal, key: bytes | None) -> set[str]:
    """Addresses whose value is, at this moment, what the journal says it becomes."""
    effective: set[str] = set()
    for file in journal.files:
        snapshot = files.read(file.path, file.within)
        if isinstance(snapshot, Problem):
            continue
        try:
            text = decode_text(snapshot.data) if snapshot is not None else ""
            value = value_of(FORMATS[file.format], text)
        except FormatError:
            continue
        effective |= {change.address for change in file.changes if holds(change.after, change.found(value), key)}
    return effective
