"""Reading and writing the files of a machine, real or a folder that stands for one."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import stat
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from mcpconf.errors import Problem, Where
from mcpconf.ports import FIRST_BYTES, MAXIMUM_BYTES, Snapshot, Staged
from mcpconf.system.items import column, items
from mcpconf.system.marks import is_folder, marks
from mcpconf.system.owners import own
from mcpconf.system.paths import EscapeError, Resolver, StillResolver, inside
from mcpconf.system.unreadable import no_file, oversized, problem

Looked = TypeVar("Looked")

_ABSENT = (errno.ENOENT, errno.ENOTDIR)
_BINARY = getattr(os, "O_BINARY", 0)
_NO_LINK = getattr(os, "O_NOFOLLOW", 0) | _BINARY
_READ = os.O_RDONLY | _NO_LINK | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)


@dataclass(frozen=True, slots=True)
class MachineFiles:
    """`modes` override what the file system says, for trees kept in git, which stores no modes."""

    resolver: Resolver
    modes: dict[str, int]

    def still(self) -> MachineFiles:
        known = self.resolver
        return MachineFiles(StillResolver(known.root, known.fold, known.homes), self.modes)

    def read(self, path: str, within: str = "") -> Snapshot | Problem | None:
        try:
            resolved = self.resolver.resolve(path)
            if within and not inside(resolved, self.resolver.resolve(within)):
                return Problem(
                    "symlink", f"`{path}` is a link that leaves `{within}`", Where(path), "replace the link by a file"
                )
            return self._read(path, resolved)
        except EscapeError as error:
            return Problem("symlink", str(error), Where(path), "point the link below your home folder")
        except OSError as error:
            return problem(path, error)

    def _read(self, path: str, resolved: str) -> Snapshot | Problem | None:
        real = self.resolver.real(resolved)
        try:
            mode = os.lstat(real).st_mode
            if not stat.S_ISREG(mode):
                return no_file(path, mode)  # not even opened: that may wait for a writer, or wake one
            descriptor = os.open(real, _READ)
        except OSError as error:
            if error.errno in _ABSENT:
                return None
            raise
        try:
            info = os.fstat(descriptor)
            if not stat.S_ISREG(info.st_mode):
                return no_file(path, info.st_mode)
            if info.st_size > MAXIMUM_BYTES:
                return oversized(path)
            data = _read_all(descriptor, info.st_size)
        finally:
            os.close(descriptor)
        if len(data) > MAXIMUM_BYTES:
            return oversized(path)
        mode = self.modes.get(path, stat.S_IMODE(info.st_mode))
        return Snapshot(path, resolved, data, mode, info.st_uid, info.st_gid)

    def begins(self, path: str) -> bytes | Problem | None:
        return self._looked_at(path, lambda descriptor: os.read(descriptor, FIRST_BYTES))

    def digest(self, path: str) -> str | Problem | None:
        return self._looked_at(path, _digest)

    def _looked_at(self, path: str, look: Callable[[int], Looked]) -> Looked | Problem | None:
        try:
            real = self.resolver.real(self.resolver.resolve(path))
            mode = os.lstat(real).st_mode
            if not stat.S_ISREG(mode):
                return no_file(path, mode)
            descriptor = os.open(real, _READ)
            try:
                return look(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            return None if error.errno in _ABSENT else problem(path, error)

    def items(self, path: str, *keys: str) -> dict[str, bytes] | Problem | None:
        return self._database(path, lambda real: items(path, real, keys))

    def column(self, path: str, table: str, name: str) -> tuple[bytes, ...] | Problem | None:
        return self._database(path, lambda real: column(path, real, table, name))

    def _database(self, path: str, look: Callable[[str], Looked | Problem]) -> Looked | Problem | None:
        try:
            real = self.resolver.real(self.resolver.resolve(path))
            mode = os.lstat(real).st_mode
        except OSError as error:
            return None if error.errno in _ABSENT else problem(path, error)
        return look(real) if stat.S_ISREG(mode) else no_file(path, mode)

    def names(self, folder: str) -> tuple[str, ...] | Problem:
        try:
            return tuple(sorted(os.listdir(self.resolver.real(self.resolver.resolve(folder)))))
        except OSError as error:
            return () if error.errno in _ABSENT else problem(folder, error)

    def folders(self, folder: str) -> tuple[str, ...] | Problem:
        try:
            with os.scandir(self.resolver.real(self.resolver.resolve(folder))) as found:
                return tuple(sorted(item.name for item in found if is_folder(item)))
        except OSError as error:
            return () if error.errno in _ABSENT else problem(folder, error)

    def resolve(self, path: str) -> str:
        return self.resolver.resolve(path)

    def exists(self, path: str) -> bool:
        try:
            return os.path.lexists(self.resolver.real(self.resolver.resolve(path)))
        except OSError:
            return True

    def tree(self, folder: str) -> dict[str, str] | Problem | None:
        try:
            return marks(self.resolver.real(self.resolver.resolve(folder)))
        except OSError as error:
            return None if error.errno in _ABSENT and not self.exists(folder) else problem(folder, error)

    def mode(self, path: str) -> int | None:
        try:
            info = os.stat(self.resolver.real(self.resolver.resolve(path)), follow_symlinks=False)
        except OSError:
            return None
        return self.modes.get(path, stat.S_IMODE(info.st_mode))

    def _entry(self, path: str) -> str:
        """The path with the links of its folder followed, its own not: what a rename or a removal acts on."""
        folder, _, name = path.rpartition("/")
        return f"{self.resolver.resolve(folder or '/').rstrip('/')}/{name}"

    def stage(self, target: str, data: bytes, mode: int, like: Snapshot | None) -> Staged:
        target = self._entry(target)
        folder, _, name = target.rpartition("/")
        temporary = f"{folder}/.{_short(name)}.mcpconf-{secrets.token_hex(8)}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINK
        descriptor = os.open(self.resolver.real(temporary), flags, 0o600)
        staged = Staged(temporary, target)
        try:
            try:
                _write_all(descriptor, data)
                own(descriptor, mode, None if like is None else (like, self.resolver.real(like.resolved)))
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except BaseException:
            self.discard(staged)
            raise
        return staged

    def commit(self, staged: Staged) -> None:
        target = self.resolver.real(staged.target)
        _rename(self.resolver.real(staged.temporary), target)
        _flush_folder(os.path.dirname(target))

    def discard(self, staged: Staged) -> None:
        self.remove(staged.temporary)

    def make_folder(self, path: str, mode: int) -> None:
        resolved = self.resolver.resolve(path)
        missing: list[str] = []
        while resolved.strip("/") and not os.path.isdir(self.resolver.real(resolved)):
            missing.append(resolved)
            resolved = resolved.rpartition("/")[0]
        for folder in reversed(missing):
            real = self.resolver.real(folder)
            try:
                os.mkdir(real, mode)
            except FileExistsError:
                if not os.path.isdir(real):
                    raise NotADirectoryError(errno.ENOTDIR, f"`{folder}` is no folder", folder) from None
                continue  # somebody else made it meanwhile
            _flush_folder(os.path.dirname(real))

    def remove(self, path: str) -> None:
        try:
            os.unlink(self.resolver.real(self._entry(path)))
        except OSError as error:
            if error.errno not in _ABSENT:
                raise

    def remove_folder(self, path: str) -> None:
        with suppress(OSError):
            os.rmdir(self.resolver.real(self._entry(path)))

    def append(self, path: str, data: bytes) -> None:
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | _NO_LINK
        descriptor = os.open(self.resolver.real(self._entry(path)), flags, 0o600)
        try:
            size = os.fstat(descriptor).st_size
            try:
                _write_all(descriptor, _line_end(descriptor, size) + data)
            except BaseException:
                os.ftruncate(descriptor, size)
                raise
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _read_all(descriptor: int, expected: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while size <= MAXIMUM_BYTES and (chunk := os.read(descriptor, max(expected - size, 0) + 65536)):
        chunks.append(chunk)
        size += len(chunk)
    return b"".join(chunks)


def _digest(descriptor: int) -> str:
    with os.fdopen(descriptor, "rb", closefd=False) as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _line_end(descriptor: int, size: int) -> bytes:
    """A line end if the log was cut within a line, so that what is added begins on its own."""
    if not size:
        return b""
    os.lseek(descriptor, size - 1, os.SEEK_SET)
    return b"" if os.read(descriptor, 1) == b"\n" else b"\n"


def _short(name: str) -> str:
    """A part of a name that still fits when the rest of a temporary name is added; names are limited in bytes."""
    return name.encode("utf-8", "surrogateescape")[:80].decode("utf-8", "ignore")


def _rename(temporary: str, target: str) -> None:
    """Windows refuses while another program holds the file open without sharing; such moments pass."""
    for pause in (0.05, 0.1, 0.2, 0.4):
        try:
            os.replace(temporary, target)
        except PermissionError:
            if os.name != "nt":
                raise
            time.sleep(pause)
        else:
            return
    os.replace(temporary, target)


def _flush_folder(folder: str) -> None:
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
