"""What must still hold when a change is applied, and how to tell whether a change is in effect."""

from __future__ import annotations

from mcpconf.canonical import digest, keyed
from mcpconf.errors import Problem, Where
from mcpconf.formats import FORMATS
from mcpconf.model.base import ABSENT, Absence, Json, KeyPath, lookup
from mcpconf.model.change import Change, PlannedEdit, Precondition
from mcpconf.ports import Snapshot

GONE = "absent"


class StaleError(Exception):
    """The machine is no longer as the plan saw it. Nothing was written."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def check(change: Change, value: Json, snapshot: Snapshot | None, key: bytes | None) -> None:
    """Whether the machine is as this change expects it. Raises StaleError, naming what differs.

    A container that has gone is no obstacle: removing the last entry of ours may have taken it along.
    """
    expected = change.precondition
    if expected is None:
        raise _stale(change, "nothing says what must hold for it", "make a new plan")
    path = key_path(change)
    container = lookup(value, path[:-1])
    if container is None and FORMATS[change.format].null_is_empty:
        container = ABSENT
    kind, word = (dict, "map") if isinstance(path[-1], str) else (list, "list")
    if not isinstance(container, kind | Absence):
        raise _stale(change, f"its container is no longer a {word}")
    if expected.container == GONE and not isinstance(container, Absence):
        raise _stale(change, "its container has appeared")
    _check_value(change, expected.value, lookup(value, path), key)
    if change.previous_key_path:
        old = lookup(value, PlannedEdit(at=change.previous_key_path).path)
        _check_value(change, expected.previous, old, key)
    _check_file(change, expected, snapshot)


def _check_value(change: Change, expected: str | None, current: Json | Absence, key: bytes | None) -> None:
    if expected == GONE and not isinstance(current, Absence):
        raise _stale(change, "it has appeared")
    if expected != GONE and isinstance(current, Absence):
        raise _stale(change, "it has gone")
    if expected is not None and not holds(expected, current, key):
        raise _stale(change, "it has changed")


def _check_file(change: Change, expected: Precondition, snapshot: Snapshot | None) -> None:
    if snapshot is None:
        if expected.mode is not None:
            raise _stale(change, "its file has gone")
    elif expected.mode is None:
        raise _stale(change, "its file has appeared")
    elif (snapshot.resolved, snapshot.owner, snapshot.mode) != (expected.resolved, expected.owner, expected.mode):
        raise _stale(change, "its file is another one, or has another owner or mode")


def key_path(change: Change) -> KeyPath:
    return PlannedEdit(at=change.key_path).path


def holds(expected: str, current: Json | Absence, key: bytes | None) -> bool:
    """Whether a value is the one of a digest, plain or keyed; `absent` is the digest of nothing."""
    if isinstance(current, Absence):
        return expected == GONE
    if expected.startswith("keyed:"):
        return key is not None and keyed(key, current) == expected
    return digest(current) == expected


def _stale(change: Change, what: str, hint: str = "plan again") -> StaleError:
    where = Where(change.file, pointer=change.address)
    return StaleError(Problem("stale", f"`{change.address}`: {what} since the plan was made", where, hint))
