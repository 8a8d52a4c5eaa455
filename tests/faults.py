"""A machine whose disk fails at a chosen moment: the real `Files`, with a fault in front of its n-th writing operation."""

from __future__ import annotations

import errno
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from mcpconf import operations
from mcpconf.model.outcome import Outcome
from mcpconf.model.plan import Plan
from mcpconf.ports import Files, Machine, Snapshot, Staged
from mcpconf.secrets import Scrubber
from mcpconf.system.facts import rooted_machine


class Crash(BaseException):
    """The process is gone: nothing after it is written either."""


def no_space() -> BaseException:
    return OSError(errno.ENOSPC, "No space left on device")


def no_access() -> BaseException:
    return PermissionError(errno.EACCES, "Permission denied")


def broken_disk() -> BaseException:
    return OSError(errno.EIO, "Input/output error")


@dataclass(frozen=True)
class Fault:
    """`at` counts writing operations from 1. `after`: the operation is done first. `lasting`: all later ones fail too."""

    at: int
    error: Callable[[], BaseException] = Crash
    after: bool = False
    lasting: bool = True
    operations: tuple[str, ...] = ("stage", "commit", "make_folder", "remove", "append")


@dataclass
class FaultyFiles:
    """`meddle` runs just before a file is renamed into place, with its target: what another program does meanwhile."""

    files: Files
    fault: Fault | None = None
    meddle: Callable[[str], None] | None = None
    done: list[tuple[str, str]] = field(default_factory=list)

    def still(self) -> FaultyFiles:
        return self

    def read(self, path: str, within: str = "") -> Snapshot | object | None:
        return self.files.read(path, within)

    def items(self, path: str, *keys: str):
        return self.files.items(path, *keys)

    def column(self, path: str, table: str, name: str):
        return self.files.column(path, table, name)

    def names(self, folder: str):
        return self.files.names(folder)

    def folders(self, folder: str):
        return self.files.folders(folder)

    def resolve(self, path: str) -> str:
        return self.files.resolve(path)

    def exists(self, path: str) -> bool:
        return self.files.exists(path)

    def mode(self, path: str):
        return self.files.mode(path)

    def tree(self, folder: str):
        return self.files.tree(folder)

    def stage(self, target: str, data: bytes, mode: int, like: Snapshot | None) -> Staged:
        staged = self._write("stage", target, lambda: self.files.stage(target, data, mode, like))
        if self.meddle is not None:
            self.meddle(target)
        return staged

    def commit(self, staged: Staged) -> None:
        self._write("commit", staged.target, lambda: self.files.commit(staged))

    def discard(self, staged: Staged) -> None:
        if self._struck and self.fault is not None and self.fault.error is Crash:
            raise Crash
        self.files.discard(staged)

    def make_folder(self, path: str, mode: int) -> None:
        if self.files.exists(path):
            return
        self._write("make_folder", path, lambda: self.files.make_folder(path, mode))

    def remove(self, path: str) -> None:
        self._write("remove", path, lambda: self.files.remove(path))

    def remove_folder(self, path: str) -> None:
        self.files.remove_folder(path)

    def append(self, path: str, data: bytes) -> None:
        self._write("append", path, lambda: self.files.append(path, data))

    @property
    def _struck(self) -> bool:
        return self.fault is not None and len(self.done) >= self.fault.at

    def _write(self, operation: str, path: str, act):
        self.done.append((operation, path))
        fault = self.fault
        due = fault is not None and (len(self.done) == fault.at or (fault.lasting and len(self.done) > fault.at))
        if not due or operation not in fault.operations:
            return act()
        if fault.after and len(self.done) == fault.at:
            done = act()
            if isinstance(done, Staged) and fault.error is not Crash:
                self.files.discard(done)  # one that fails leaves nothing
        raise fault.error()


@dataclass(frozen=True)
class FixedClock:
    time: str

    def now(self) -> str:
        return self.time

    def passed(self, day: str) -> bool:
        return self.time[:10] > day


def machine(root: Path, files: FaultyFiles | None = None, **ports) -> Machine:
    """The machine in a folder, with other ports in place of some of its own."""
    real = rooted_machine(str(root))
    if files is not None:
        files.files = real.files
        ports["files"] = files
    return replace(real, **ports)


def _unasked(_plan: Plan, _scrubber: Scrubber) -> str:
    return "not asked"


def apply(here: Machine, manifest: Path) -> Outcome:
    """What `mcpconf apply --yes` does."""
    return operations.apply(here, str(manifest), _unasked)
