"""Writing in two phases: first everything that takes away, then the rest. Each file at most once per phase."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from mcpconf.errors import Problem
from mcpconf.model.outcome import Failure
from mcpconf.ports import Files, Snapshot
from mcpconf.transaction.journal import Ledger
from mcpconf.transaction.preconditions import StaleError
from mcpconf.transaction.prepare import Prepared, Work, prepare

ATTEMPTS = 3


def narrow(ledger: Ledger, works: Sequence[Work], key: bytes) -> list[Failure]:
    """Phase 1. One file that fails does not keep the others from being narrowed."""
    return [failure for work in works if (failure := _write(ledger, work, 1, key)) is not None]


def change(ledger: Ledger, works: Sequence[Work], key: bytes) -> list[Failure]:
    """Phase 2. Stops at the first file that fails."""
    for work in works:
        failure = _write(ledger, work, 2, key)
        if failure is not None:
            return [failure]
    return []


def _write(ledger: Ledger, work: Work, phase: Literal[1, 2], key: bytes) -> Failure | None:
    """Write one file, unless it changed since it was read: then read, check and edit it again, a few times."""
    part = work.only(phase)
    if not part.changes:
        return None
    files = ledger.store.machine.files
    try:
        for _ in range(ATTEMPTS):
            item = prepare(files, part, key)
            if item.after == item.before:
                return None
            ledger.expect(item, phase)
            if _place(files, item):
                return None
    except StaleError as error:
        return Failure(file=work.path, message=error.problem.message, hint=error.problem.hint)
    except OSError as error:
        message = f"could not be written ({error.strerror or error})"
        return Failure(file=work.path, message=message, hint="check free space and permissions, then apply again")
    return Failure(
        file=work.path, message="another program keeps writing to it", hint="close the host, then apply again"
    )


def _place(files: Files, item: Prepared) -> bool:
    """Stage, look again, rename. False if the file is no longer the one that was read."""
    if item.snapshot is None:
        files.make_folder(item.target.rpartition("/")[0], 0o755 if item.work.shared else 0o700)
    staged = files.stage(item.target, item.after, item.mode, item.snapshot)
    try:
        unchanged = _unchanged(files, item)
        if unchanged:
            files.commit(staged)
    except BaseException:
        files.discard(staged)
        raise
    if not unchanged:
        files.discard(staged)
    return unchanged


def _unchanged(files: Files, item: Prepared) -> bool:
    now = files.read(item.work.path, item.work.within)
    if isinstance(now, Problem):
        return False
    return now == item.snapshot and (now is not None or files.resolve(item.work.path) == item.target)


def replace_content(files: Files, data: bytes, now: Snapshot) -> None:
    """Write a file whole, with its mode and owner, or leave it as it is. Raises OSError."""
    staged = files.stage(now.resolved, data, now.mode, now)
    try:
        files.commit(staged)
    except BaseException:
        files.discard(staged)
        raise
