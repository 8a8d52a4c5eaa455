"""Writing in two phases: first everything that takes away, then the rest. Each file at most once per phase."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from mcpconf.apply.journal import JournalFile
from mcpconf.apply.prepare import Prepared, StaleError, Work, fingerprint, prepare
from mcpconf.errors import Problem
from mcpconf.model.outcome import Failure
from mcpconf.ports import Files, Snapshot

ATTEMPTS = 3


@dataclass(slots=True)
class Progress:
    """Machine paths, by what happened to them. `written` keeps what each file holds now, for a way back."""

    written: dict[str, bytes] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)


def narrow(files: Files, works: Sequence[Work], key: bytes | None) -> Progress:
    """Phase 1. One file that fails does not keep the others from being narrowed."""
    progress = Progress()
    for work in works:
        _write(files, work.only(1), key, progress)
    return progress


def change(files: Files, works: Sequence[Work], key: bytes | None) -> Progress:
    """Phase 2. Stops at the first file that fails, and puts back those it has written."""
    progress = Progress()
    done: list[Prepared] = []
    try:
        for work in works:
            written = _write(files, work.only(2), key, progress)
            if progress.failures:
                break
            if written is not None:
                done.append(written)
    except BaseException:
        put_back(files, done, progress)
        raise
    if progress.failures:
        put_back(files, done, progress)
    return progress


def _write(files: Files, work: Work, key: bytes | None, progress: Progress) -> Prepared | None:
    """Write one file, unless it changed since it was read: then read, check and edit it again, a few times.

    None where there is nothing to write, or where it failed.
    """
    message, hint = "another program keeps writing to it", "close the host, then apply again"
    for _ in range(ATTEMPTS if work.changes else 0):
        try:
            item = prepare(files, work, key)
            if item.after == item.before:
                return None
            if _place(files, item):
                progress.written[work.path] = item.after
                return item
        except StaleError as error:
            message, hint = error.problem.message, error.problem.hint
            break
        except OSError as error:
            message = f"could not be written ({error.strerror or error})"
            hint = "check free space and permissions, then apply again"
            break
    if work.changes:
        progress.failures.append(Failure(file=work.path, message=message, hint=hint))
    return None


def _place(files: Files, item: Prepared) -> bool:
    """Stage, look again, rename. False if the file no longer holds what was expected."""
    if item.before is None:
        files.make_folder(item.target.rpartition("/")[0], 0o755 if item.work.new_mode == 0o644 else 0o700)
    mode = item.snapshot.mode if item.snapshot is not None else item.work.new_mode
    staged = files.stage(item.target, item.after, mode, item.snapshot)
    try:
        now = files.read(item.work.path)
        if isinstance(now, Problem) or _data(now) != item.before:
            files.discard(staged)
            return False
        files.commit(staged)
    except BaseException:
        files.discard(staged)
        raise
    return True


def _data(snapshot: Snapshot | None) -> bytes | None:
    return None if snapshot is None else snapshot.data


def put_back(files: Files, written: Sequence[Prepared], progress: Progress) -> None:
    """Undo phase 2 where the file still holds what we wrote; elsewhere somebody has written since, and it is left alone."""
    for item in reversed(written):
        try:
            restored = _restore(files, item)
        except OSError as error:
            progress.failures.append(Failure(file=item.work.path, message=f"could not be put back ({error.strerror})"))
            continue
        if restored:
            progress.written.pop(item.work.path, None)
        else:
            progress.failures.append(Failure(file=item.work.path, message="changed meanwhile, so it was not put back"))


def _restore(files: Files, item: Prepared) -> bool:
    now = files.read(item.work.path)
    if not isinstance(now, Snapshot) or now.data != item.after:
        return False
    if item.before is None:
        files.remove(item.target)
    else:
        files.commit(files.stage(item.target, item.before, now.mode, now))
    return True


def matches(file: JournalFile, snapshot: Snapshot | None) -> str:
    """Which of its three legal contents a journalled file holds; "" for none of them."""
    held = fingerprint(_data(snapshot))
    for name in ("after", "narrowed", "before"):
        if getattr(file, name) == held:
            return name
    return ""
