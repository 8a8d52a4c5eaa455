"""Whole folders: built aside, moved into place, sealed and removed. No link in them is ever followed."""

from __future__ import annotations

import errno
import os
import re
import secrets
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass

from mcpconf.system.marks import is_folder
from mcpconf.system.paths import Resolver

_TAKEN = (errno.ENOTEMPTY, errno.EEXIST)
_ROOM = re.compile(r"[0-9a-f]{16}")
_WRITING = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH
_SPECIAL = stat.S_ISUID | stat.S_ISGID | stat.S_ISVTX
_GATE_SECONDS = 30.0
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


@dataclass(frozen=True, slots=True)
class SystemTrees:
    """`base` is the folder in which rooms are made: on the file system of the store, and this user's alone.

    The owner of a room holds the kernel's lock on a file beside it. Rooms are made, and those that were left looked for,
    behind one gate: a room is never seen before its owner holds it.
    """

    resolver: Resolver
    base: str

    @contextmanager
    def room(self) -> Iterator[str]:
        path = f"{self.base}/{secrets.token_hex(8)}"
        real = self._real(path)
        _make(os.path.dirname(real))
        with ExitStack() as held:
            held.callback(_drop, f"{real}.lock")
            with self._gate():
                held.enter_context(_lock(f"{real}.lock", 0))
                os.mkdir(real, 0o700)
            try:
                yield path
            finally:
                with suppress(OSError):  # what still holds on to it ends some time, and the next sweep removes the room
                    self.remove(path)

    def abandoned(self, *, dry_run: bool = False) -> tuple[str, ...]:
        base = self._real(self.base)
        if not os.path.isdir(base):
            return ()
        if dry_run:  # who made a room that is there holds its lock already, so that no gate is needed
            found = [name for name in _rooms(base) if os.path.isdir(f"{base}/{name}")]
            return tuple(f"{self.base}/{name}" for name in found if _is_left(f"{base}/{name}"))
        swept: list[str] = []
        with self._gate():
            for name in _rooms(base):
                if _is_free(f"{base}/{name}.lock"):
                    if os.path.isdir(f"{base}/{name}"):  # its owner may have removed it just now
                        swept.append(f"{self.base}/{name}")
                    _drop(f"{base}/{name}.lock")
        return tuple(swept)

    def _gate(self) -> AbstractContextManager[object]:
        return _lock(f"{self._real(self.base)}/gate", _GATE_SECONDS)

    def add(self, folder: str, name: str, data: bytes, *, executable: bool = False) -> None:
        if not {"", ".", ".."}.isdisjoint(name.split("/")) or (os.sep != "/" and os.sep in name):
            raise OSError(errno.EINVAL, f"`{name}` leads out of its folder", name)
        path = f"{self._real(folder)}/{name}"
        os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
        with open(os.open(path, _NEW, 0o700 if executable else 0o600), "wb") as file:
            file.write(data)

    def move(self, source: str, target: str) -> bool:
        old, new = self._real(source), self._real(target)
        if os.path.lexists(new):
            return False
        _make(os.path.dirname(new))
        mode = stat.S_IMODE(os.lstat(old).st_mode)
        os.chmod(old, mode | stat.S_IWUSR)  # a folder that gets another parent has to be written to
        try:
            os.rename(old, new)
        except OSError as error:
            if error.errno in _TAKEN or os.path.lexists(new):
                return False
            raise
        os.chmod(new, mode)
        return True

    def seal(self, folder: str) -> None:
        for path in _folders(self._real(folder)):
            with os.scandir(path) as items:
                for item in items:
                    if not (item.is_symlink() or is_folder(item)):
                        _seal_file(item)
            _chmod(path, os.lstat(path).st_mode, 0)

    def size(self, folder: str) -> int:
        total = 0
        with suppress(FileNotFoundError):
            for path in _folders(self._real(folder)):
                with os.scandir(path) as items:
                    total += sum(item.stat(follow_symlinks=False).st_size for item in items if not is_folder(item))
        return total

    def age(self, file: str) -> float:
        return time.time() - os.lstat(self._real(file)).st_mtime

    def remove(self, folder: str) -> None:
        real = self._real(folder)
        try:
            mode = os.lstat(real).st_mode
        except FileNotFoundError:
            return
        if not stat.S_ISDIR(mode):
            os.unlink(real)
            return
        for path in _folders(real):
            _chmod(path, os.lstat(path).st_mode | stat.S_IRWXU, stat.S_IWUSR)
        shutil.rmtree(real)

    def _real(self, path: str) -> str:
        """With the links of its folder followed, its own not."""
        folder, _, name = path.rpartition("/")
        return f"{self.resolver.real(self.resolver.resolve(folder)).rstrip('/')}/{name}"


def _lock(path: str, seconds: float) -> AbstractContextManager[object]:
    """Raises TimeoutError when entered."""
    from filelock import FileLock

    return FileLock(path, timeout=seconds, mode=0o600)


def _drop(path: str) -> None:
    with suppress(OSError):
        os.unlink(path)


def _rooms(base: str) -> list[str]:
    """Names of rooms and of their locks, whichever of the two is there."""
    return sorted({name for found in os.listdir(base) if _ROOM.fullmatch(name := found.removesuffix(".lock"))})


def _is_left(room: str) -> bool:
    """Writes nothing."""
    return (not os.path.lexists(f"{room}.lock") or _is_free(f"{room}.lock")) and os.path.isdir(room)


def _is_free(path: str) -> bool:
    try:
        with _lock(path, 0):
            return True
    except TimeoutError:
        return False


def _make(folder: str) -> None:
    """A folder with its parents, for this user alone as far as they are made."""
    missing: list[str] = []
    while not os.path.isdir(folder):
        missing.append(folder)
        folder = os.path.dirname(folder)
    for path in reversed(missing):
        with suppress(FileExistsError):
            os.mkdir(path, 0o700)


def _folders(top: str) -> Iterator[str]:
    """A folder and those below it, each before it is looked into, so that it can be made readable first."""
    waiting = [top]
    while waiting:
        path = waiting.pop()
        yield path
        with os.scandir(path) as items:
            waiting += [item.path for item in items if is_folder(item)]


def _seal_file(item: os.DirEntry[str]) -> None:
    """Raises OSError for a file that has another name: by that it could be changed all the same."""
    info = item.stat(follow_symlinks=False)
    if info.st_nlink > 1:
        raise OSError(errno.EMLINK, "a file in it has another name elsewhere", item.path)
    _chmod(item.path, info.st_mode, 0)


def _chmod(path: str, mode: int, kept: int) -> None:
    """Without the right to write, unless it is `kept`, and without what runs as somebody else."""
    wanted = stat.S_IMODE(mode) & ~((_WRITING & ~kept) | _SPECIAL)
    if wanted != stat.S_IMODE(os.lstat(path).st_mode):
        os.chmod(path, wanted)
