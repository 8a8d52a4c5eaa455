"""Everything that can go wrong without writing goes wrong here: reading, preconditions, editing in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from mcpconf.canonical import digest_bytes
from mcpconf.errors import Problem, Where
from mcpconf.formats import FORMATS, Format, FormatError, UnsafeEditError, decode_text, encode_text
from mcpconf.hosts.places import absolute
from mcpconf.model.address import Address, GrantAddress
from mcpconf.model.base import ABSENT, Json, KeyPath, lookup
from mcpconf.model.change import Change, PlannedEdit
from mcpconf.ports import Facts, Files, Snapshot
from mcpconf.transaction.preconditions import StaleError, check, key_path

NEW_USER_FILE = 0o600
NEW_PROJECT_FILE = 0o644
_BLANK = "\ufeff \t\r\n"


@dataclass(frozen=True, slots=True)
class Work:
    """Changes to one file. Links of a project file must not leave the folder `within`; it is empty for other files."""

    path: str
    format: str
    within: str
    changes: tuple[Change, ...]

    @property
    def shared(self) -> bool:
        """Whether others read it, too: the file of a project, or a policy of the system."""
        return bool(self.within) or self.is_policy

    @property
    def is_policy(self) -> bool:
        return any(change.kind == "policy" for change in self.changes)

    @property
    def new_mode(self) -> int:
        return NEW_PROJECT_FILE if self.shared else NEW_USER_FILE

    def only(self, phase: int) -> Work:
        return replace(self, changes=tuple(change for change in self.changes if change.phase == phase))

    def edits(self, phase: int) -> tuple[PlannedEdit, ...]:
        return tuple(edit for change in self.changes if change.phase == phase for edit in change.edits)


@dataclass(frozen=True, slots=True)
class Prepared:
    """One file, read and edited in memory. `folders` are those that a new file needs and that are not there, outermost first."""

    work: Work
    target: str
    snapshot: Snapshot | None
    narrowed: bytes
    after: bytes
    folders: tuple[str, ...] = ()

    @property
    def before(self) -> bytes | None:
        """None where the file does not exist yet."""
        return None if self.snapshot is None else self.snapshot.data

    @property
    def mode(self) -> int:
        return self.work.new_mode if self.snapshot is None else self.snapshot.mode


def works(changes: Sequence[Change], facts: Facts) -> tuple[Work, ...]:
    """Group the writing changes by file, in the order of the plan."""
    by_file: dict[str, list[Change]] = {}
    for change in changes:
        if change.writes:
            by_file.setdefault(change.file, []).append(change)
    return tuple(Work(path, found[0].format, _within(found[0], facts), tuple(found)) for path, found in by_file.items())


def _within(change: Change, facts: Facts) -> str:
    kind = GrantAddress if change.kind == "grant" else Address
    project = kind.parse(change.address).project
    folder = absolute(project, facts) if project else ""
    return folder if folder and change.file.startswith(f"{folder}/") else ""


def prepare_all(files: Files, found: Sequence[Work], key: bytes | None) -> list[Prepared]:
    """Prepare every file. Two paths that lead to one file are one work. Raises StaleError."""
    by_target: dict[str, Work] = {}
    for work in found:
        target = _resolved(files, work.path)
        other = by_target.get(target)
        by_target[target] = work if other is None else _joined(other, work)
    for work in by_target.values():
        _agree(work)
    return [prepare(files, work, key) for work in by_target.values()]


def _agree(work: Work) -> None:
    """Two hosts that read one file must want the same at the same place. Raises StaleError."""
    wanted: dict[KeyPath, Change] = {}
    for change in work.changes:
        other = wanted.setdefault(key_path(change), change)
        if other.edits != change.edits:
            message = (
                f"`{other.address}` and `{change.address}` are the same place in one file, and want different things"
            )
            hint = "give each host a file of its own, or take the server from one of them"
            raise StaleError(Problem("symlink", message, Where(work.path), hint))


def _joined(one: Work, other: Work) -> Work:
    if (one.format, one.within) != (other.format, other.within):
        message = f"`{one.path}` and `{other.path}` are the same file, in two formats or for two projects"
        raise StaleError(Problem("symlink", message, Where(other.path), "replace one of the links by a file"))
    return replace(one, changes=one.changes + other.changes)


def _resolved(files: Files, path: str) -> str:
    try:
        return files.resolve(path)
    except OSError as error:
        raise StaleError(Problem("write", _words(error), Where(path))) from None


def prepare(files: Files, work: Work, key: bytes | None) -> Prepared:
    """Read the file, check that the plan still fits, and edit it in memory. Raises StaleError."""
    snapshot = files.read(work.path, work.within)
    if isinstance(snapshot, Problem):
        raise StaleError(snapshot)
    form = FORMATS[work.format]
    try:
        text = decode_text(snapshot.data) if snapshot is not None else form.empty
        value = value_of(form, text)
        for change in work.changes:
            check(change, value, snapshot, key)
        narrowed = edited(form, text, work.edits(1))
        after = edited(form, narrowed, work.edits(2))
    except FormatError as error:
        where = Where(work.path, error.line, error.column)
        raise StaleError(Problem(error.kind, error.message, where, error.hint)) from None
    except UnsafeEditError as error:
        hint = "please report it, with the shape of the file"
        raise StaleError(Problem("internal", str(error), Where(work.path), hint)) from None
    target = snapshot.resolved if snapshot is not None else _resolved(files, work.path)
    if work.is_policy and target != work.path:
        message = "a policy is never written through a link"
        raise StaleError(Problem("symlink", message, Where(work.path), "put a file in the place of the link"))
    folders = () if snapshot is not None else tuple(_missing_folders(files, target))
    return Prepared(work, target, snapshot, encode_text(narrowed), encode_text(after), folders)


def _missing_folders(files: Files, target: str) -> Iterator[str]:
    steps = target.split("/")[:-1]
    for count in range(2, len(steps) + 1):
        folder = "/".join(steps[:count])
        if not files.exists(folder):
            yield folder


def value_of(form: Format, text: str) -> Json:
    """What a text says. A blank file says nothing, in every format."""
    return form.parse(text).value if text.strip(_BLANK) else {}


def edited(form: Format, text: str, edits: Sequence[PlannedEdit]) -> str:
    """Put every value, in order. Raises FormatError, and UnsafeEditError if anything else would have changed."""
    new = text
    for planned in edits:
        if planned.name is not None:
            new = form.rename(new, planned.path, planned.name)
            continue
        there = lookup(value_of(form, new), planned.path)
        if (planned.when_empty and there not in ({}, [])) or (planned.unless_there and there is not ABSENT):
            continue
        new = form.put(new, planned.path, planned.new)
    if new != text and not _spared(
        value_of(form, text), value_of(form, new), [path for planned in edits for path in planned.touches]
    ):
        raise UnsafeEditError("an edit would have changed a value of somebody else")
    return new


def _spared(before: Json, after: Json, paths: Sequence[KeyPath]) -> bool:
    """Whether two documents say the same but for what lies at the paths. `repr` tells `1` from `true`, and knows NaN."""
    for path in sorted(paths, key=len, reverse=True):
        before, after = _without(before, path), _without(after, path)
    return repr(before) == repr(after)


def _without(value: Json, path: KeyPath) -> Json:
    """The value without what lies at a path, and without the containers that this leaves empty.

    Below a list nothing is told apart: an edit that names an element may change the list.
    """
    step, rest = path[0], path[1:]
    if not isinstance(step, str) or not isinstance(value, dict):
        return {}
    if step not in value:
        return value
    inner = _without(value[step], rest) if rest else {}
    kept = {key: item for key, item in value.items() if key != step}
    return kept if inner in ({}, []) else {**kept, step: inner}


def _words(error: OSError) -> str:
    return f"could not be reached ({error.strerror or error})"


def fingerprint(data: bytes | None) -> str:
    return "absent" if data is None else digest_bytes(data)
