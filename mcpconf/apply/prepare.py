"""Everything that can go wrong without writing goes wrong here: reading, preconditions, editing in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mcpconf.canonical import digest, digest_bytes, keyed
from mcpconf.errors import Problem, Where
from mcpconf.formats import FORMATS, FormatError, decode_text, encode_text
from mcpconf.model.base import ABSENT, Absence, Json, lookup
from mcpconf.model.change import Change, PlannedEdit
from mcpconf.ports import Files, Snapshot

NEW_USER_FILE = 0o600
NEW_PROJECT_FILE = 0o644


class StaleError(Exception):
    """The machine is no longer as the plan saw it. Nothing was written."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Work:
    """Changes to one file."""

    path: str
    format: str
    new_mode: int
    changes: tuple[Change, ...]

    def only(self, phase: int) -> Work:
        return replace(self, changes=tuple(change for change in self.changes if change.phase == phase))

    def edits(self, phase: int) -> tuple[PlannedEdit, ...]:
        return tuple(edit for change in self.changes if change.phase == phase for edit in change.edits)


@dataclass(frozen=True, slots=True)
class Prepared:
    """One file, read and edited in memory. `before` is None where the file does not exist yet."""

    work: Work
    target: str
    snapshot: Snapshot | None
    narrowed: bytes
    after: bytes

    @property
    def before(self) -> bytes | None:
        return None if self.snapshot is None else self.snapshot.data


def works(changes: Sequence[Change]) -> tuple[Work, ...]:
    """Group the writing changes by file, in the order of the plan."""
    by_file: dict[str, list[Change]] = {}
    for change in changes:
        if change.writes:
            by_file.setdefault(change.file, []).append(change)
    return tuple(
        Work(
            path, found[0].format, NEW_PROJECT_FILE if "/project:" in found[0].address else NEW_USER_FILE, tuple(found)
        )
        for path, found in by_file.items()
    )


def prepare(files: Files, work: Work, key: bytes | None) -> Prepared:
    """Read the file, check that the plan still fits, and edit it in memory. Raises StaleError."""
    snapshot = files.read(work.path)
    if isinstance(snapshot, Problem):
        raise StaleError(snapshot)
    try:
        target = snapshot.resolved if snapshot is not None else files.resolve(work.path)
        text = decode_text(snapshot.data) if snapshot is not None else FORMATS[work.format].empty
        value = FORMATS[work.format].parse(text).value
        for change in work.changes:
            check(change, value, snapshot, key)
        narrowed = edit(work.format, text, work.edits(1))
        after = edit(work.format, narrowed, work.edits(2))
    except FormatError as error:
        raise StaleError(
            Problem(error.kind, error.message, Where(work.path, error.line, error.column), error.hint)
        ) from None
    except OSError as error:
        raise StaleError(Problem("write", str(error), Where(work.path))) from None
    return Prepared(work, target, snapshot, encode_text(narrowed), encode_text(after))


def edit(format_name: str, text: str, edits: Sequence[PlannedEdit]) -> str:
    """Put every value, in order. Raises FormatError."""
    editor = FORMATS[format_name]
    for planned in edits:
        if planned.when_empty and lookup(editor.parse(text).value, planned.path) not in ({}, []):
            continue
        if planned.unless_there and lookup(editor.parse(text).value, planned.path) is not ABSENT:
            continue
        text = editor.put(text, planned.path, planned.new)
    return text


def check(change: Change, value: Json, snapshot: Snapshot | None, key: bytes | None) -> None:
    """Whether the machine is as this change expects it. Raises StaleError, naming what differs."""
    expected = change.precondition
    assert expected is not None
    path = tuple(step if isinstance(step, str) else "" for step in change.key_path)
    container = lookup(value, path[:-1])
    if not isinstance(container, dict | Absence):
        raise _stale(change, "its container is no longer a map")
    if expected.container == "absent" and container is not ABSENT:
        raise _stale(change, "its container has appeared")
    current = lookup(value, path)
    if expected.value == "absent":
        if current is not ABSENT:
            raise _stale(change, "it has appeared")
    elif current is ABSENT:
        raise _stale(change, "it has gone")
    elif expected.value is not None and expected.value != _digest(expected.value, current, key):
        raise _stale(change, "it has changed")
    if snapshot is not None and expected.mode is not None:
        now = (snapshot.resolved, snapshot.owner, snapshot.mode)
        if now != (expected.resolved, expected.owner, expected.mode):
            raise _stale(change, "its file is another one, or has another owner or mode")


def _digest(expected: str, current: Json, key: bytes | None) -> str:
    if expected.startswith("keyed:"):
        return keyed(key, current) if key is not None else ""
    return digest(current)


def _stale(change: Change, what: str) -> StaleError:
    where = Where(change.file, pointer=change.address)
    return StaleError(Problem("stale", f"`{change.address}`: {what} since the plan was made", where, "plan again"))


def fingerprint(data: bytes | None) -> str:
    return "absent" if data is None else digest_bytes(data)
