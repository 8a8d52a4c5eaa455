"""The journal of one apply: what it takes to finish the first phase, or to undo the second, after a crash."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Literal

from pydantic import ValidationError

from mcpconf.apply.prepare import Prepared, fingerprint
from mcpconf.documents.store import Store, render_document
from mcpconf.errors import Problem, Where
from mcpconf.model.base import Document
from mcpconf.model.change import PlannedEdit
from mcpconf.model.plan import Plan
from mcpconf.ports import Snapshot

NAME = "journal.json"
LITERAL_DAYS = 7
PREIMAGE_DAYS = 30
FIRST_TOUCH_DAYS = 90
GENERATIONS = 10


class JournalFile(Document):
    """One file: digests of its three legal contents, and the edits between them. Values are references, never secrets."""

    path: str
    target: str
    format: str
    mode: int
    preimage: str | None
    before: str
    narrowed: str
    after: str
    narrowing: list[PlannedEdit]


class Journal(Document):
    """`phase` tells how far the apply had come when it stopped."""

    plan: str
    generation: int
    phase: Literal["narrowing", "changing", "written"]
    files: list[JournalFile]
    commit: str | None = None


class Generation(Document):
    """Pre-images of one apply. An old secret may lie in those of `literal`; `expires` is the day all are deleted."""

    expires: str
    literal: list[str]
    first: bool
    files: dict[str, str]


def begin(store: Store, plan: Plan, prepared: list[Prepared], known: frozenset[str]) -> Journal:
    """Keep the pre-images, then write the journal. From here on a crash can be recovered. Raises OSError."""
    number = plan.state.serial + 1
    today = date.fromisoformat(store.machine.clock.now()[:10])
    literal = [item.work.path for item in prepared if removes_literal(item)]
    first = any(item.work.path not in known for item in prepared)
    days = LITERAL_DAYS if literal else FIRST_TOUCH_DAYS if first else PREIMAGE_DAYS
    images: dict[str, str] = {}
    for position, item in enumerate(prepared):
        if item.before is not None:
            images[item.work.path] = f"generations/{number}/{position}"
            store.write(images[item.work.path], item.before)
    kept = Generation(expires=str(today + timedelta(days=days)), literal=literal, first=first, files=images)
    store.write(f"generations/{number}/meta.json", render_document(kept.model_dump(mode="json")))
    journal = Journal(
        plan=plan.plan_digest,
        generation=number,
        phase="narrowing",
        commit=plan.origin.commit,
        files=[
            JournalFile(
                path=item.work.path,
                target=item.target,
                format=item.work.format,
                mode=item.snapshot.mode if item.snapshot is not None else item.work.new_mode,
                preimage=images.get(item.work.path),
                before=fingerprint(item.before),
                narrowed=fingerprint(item.narrowed) if item.narrowed != item.before else fingerprint(item.before),
                after=fingerprint(item.after),
                narrowing=list(item.work.edits(1)),
            )
            for item in prepared
        ],
    )
    save(store, journal)
    return journal


def save(store: Store, journal: Journal) -> None:
    store.write(NAME, render_document(journal.model_dump(mode="json")))


def end(store: Store) -> None:
    store.machine.files.remove(store.path(NAME))


def load(store: Store) -> Journal | Problem | None:
    snapshot = store.machine.files.read(store.path(NAME))
    if snapshot is None or isinstance(snapshot, Problem):
        return snapshot
    try:
        return Journal.model_validate_json(snapshot.data)
    except ValidationError:
        hint = f"compare the files with `{store.path('generations')}`, then remove the journal"
        return Problem("malformed", "the journal of an unfinished apply cannot be read", Where(store.path(NAME)), hint)


def removes_literal(item: Prepared) -> bool:
    """Whether a text that may be a secret leaves the file with this apply."""
    return any(
        change.moved_secrets or (change.precondition and (change.precondition.value or "").startswith("keyed:"))
        for change in item.work.changes
    )


def prune(store: Store) -> None:
    """Delete pre-images that have expired, and the oldest beyond the number kept. First backups stay till their day."""
    today = store.machine.clock.now()[:10]
    names = store.machine.files.names(store.path("generations"))
    numbers = (
        sorted((int(name) for name in names if name.isdigit()), reverse=True) if not isinstance(names, Problem) else []
    )
    for position, number in enumerate(numbers):
        kept = generation(store, number)
        if kept is None or (kept.expires > today and (position < GENERATIONS or kept.first)):
            continue
        for path in (*kept.files.values(), f"generations/{number}/meta.json"):
            store.machine.files.remove(store.path(path))
        store.machine.files.remove_folder(store.path(f"generations/{number}"))


def generation(store: Store, number: int) -> Generation | None:
    """What is known of the pre-images of one apply; None if nothing is."""
    snapshot = store.machine.files.read(store.path(f"generations/{number}/meta.json"))
    if not isinstance(snapshot, Snapshot):
        return None
    try:
        return Generation.model_validate(json.loads(snapshot.data))
    except ValueError:
        return None
