"""Whole folders: hashed, built aside, moved into place, sealed and removed."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from mcpconf.system.paths import Resolver

_CHUNK = 1024 * 1024
_TAKEN = (errno.ENOTEMPTY, errno.EEXIST)


def marks(folder: str) -> dict[str, str]:
    """What `Files.tree` tells, of a folder of the real file system. Raises OSError."""
    found: dict[str, str] = {}
    waiting = [("", folder)]
    while waiting:
        inner, path = waiting.pop()
        with os.scandir(path) as items:
            for item in items:
                name = f"{inner}{item.name}"
                if item.is_symlink():
                    found[name] = f"l {os.readlink(item.path)}"
                elif item.is_dir():
                    waiting.append((f"{name}/", item.path))
                else:
                    found[name] = _mark(item)
    return found


def _mark(item: os.DirEntry[str]) -> str:
    info = item.stat(follow_symlinks=False)
    if not stat.S_ISREG(info.st_mode):
        return "?"
    digest = hashlib.sha256()
    with open(item.path, "rb", buffering=0) as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return f"{'x' if info.st_mode & 0o100 else '-'} sha256:{digest.hexdigest()}"


@dataclass(frozen=True, slots=True)
class SystemTrees:
    """`base` is the folder in which rooms are made: on the file system of the store, and this user's alone."""

    resolver: Resolver
    base: str

    @contextmanager
    def room(self) -> Iterator[str]:
        path = f"{self.base}/{secrets.token_hex(8)}"
        os.makedirs(self._real(self.base), 0o700, exist_ok=True)
        os.mkdir(self._real(path), 0o700)
        try:
            yield path
        finally:
            self.remove(path)

    def move(self, source: str, target: str) -> bool:
        os.makedirs(os.path.dirname(self._real(target)), 0o700, exist_ok=True)
        try:
            os.rename(self._real(source), self._real(target))
        except OSError as error:
            if error.errno in _TAKEN or os.path.lexists(self._real(target)):
                return False
            raise
        return True

    def seal(self, folder: str) -> None:
        for path, _, names in os.walk(self._real(folder), topdown=False):
            for name in names:
                _chmod(os.path.join(path, name), 0o222, 0)
            _chmod(path, 0o222, 0)

    def remove(self, folder: str) -> None:
        real = self._real(folder)
        if not os.path.lexists(real):
            return
        for path, _, _ in os.walk(real):
            _chmod(path, 0, 0o700)
        shutil.rmtree(real)

    def _real(self, path: str) -> str:
        return self.resolver.real(self.resolver.resolve(path))


def _chmod(path: str, without: int, added: int) -> None:
    mode = os.lstat(path).st_mode
    if not stat.S_ISLNK(mode):
        os.chmod(path, (stat.S_IMODE(mode) & ~without) | added)
