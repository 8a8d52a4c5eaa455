"""Reading and writing the files of a machine, real or a folder that stands for one."""

from __future__ import annotations

import errno
import os
import secrets
import stat
import time
from contextlib import suppress
from dataclasses import dataclass

from mcpconf.errors import Problem, ProblemKind, Where
from mcpconf.ports import MAXIMUM_BYTES, Snapshot, Staged
from mcpconf.system.paths import EscapeError, Resolver, inside

_ABSENT = (errno.ENOENT, errno.ENOTDIR)


@dataclass(frozen=True, slots=True)
class MachineFiles:
    """`modes` override what the file system says, for trees kept in git, which stores no modes."""

    resolver: Resolver
    modes: dict[str, int]

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
            return _problem(path, error)

    def _read(self, path: str, resolved: str) -> Snapshot | Problem | None:
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        try:
            descriptor = os.open(self.resolver.real(resolved), flags)
        except OSError as error:
            if error.errno in _ABSENT:
                return None
            raise
        try:
            info = os.fstat(descriptor)
            if not stat.S_ISREG(info.st_mode):
                kind = "folder" if stat.S_ISDIR(info.st_mode) else "pipe, socket or device"
                return Problem("not-a-file", f"a {kind} lies where a file is expected", Where(path), "move it away")
            if info.st_size > MAXIMUM_BYTES:
                return _oversized(path)
            data = _read_all(descriptor, info.st_size)
        finally:
            os.close(descriptor)
        if len(data) > MAXIMUM_BYTES:
            return _oversized(path)
        mode = self.modes.get(path, stat.S_IMODE(info.st_mode))
        return Snapshot(path, resolved, data, mode, info.st_uid, info.st_gid)

    def names(self, folder: str) -> tuple[str, ...] | Problem:
        try:
            return tuple(sorted(os.listdir(self.resolver.real(self.resolver.resolve(folder)))))
        except OSError as error:
            return () if error.errno in _ABSENT else _problem(folder, error)

    def resolve(self, path: str) -> str:
        return self.resolver.resolve(path)

    def exists(self, path: str) -> bool:
        try:
            return os.path.lexists(self.resolver.real(self.resolver.resolve(path)))
        except OSError:
            return True

    def stage(self, target: str, data: bytes, mode: int, like: Snapshot | None) -> Staged:
        folder, _, name = target.rpartition("/")
        temporary = f"{folder}/.{name[:80]}.mcpconf-{secrets.token_hex(8)}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        descriptor = os.open(self.resolver.real(temporary), flags, 0o600)
        staged = Staged(temporary, target)
        try:
            try:
                _write_all(descriptor, data)
                _own(descriptor, mode, like)
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
        while resolved not in ("", "/") and not os.path.isdir(self.resolver.real(resolved)):
            missing.append(resolved)
            resolved = resolved.rpartition("/")[0]
        for folder in reversed(missing):
            os.mkdir(self.resolver.real(folder), mode)

    def remove(self, path: str) -> None:
        try:
            os.unlink(self.resolver.real(path))
        except OSError as error:
            if error.errno not in _ABSENT:
                raise

    def remove_folder(self, path: str) -> None:
        with suppress(OSError):
            os.rmdir(self.resolver.real(path))

    def append(self, path: str, data: bytes) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        descriptor = os.open(self.resolver.real(path), flags, 0o600)
        try:
            _write_all(descriptor, data)
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


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _own(descriptor: int, mode: int, like: Snapshot | None) -> None:
    if not hasattr(os, "fchown"):
        return  # Windows: a new file inherits the folder's access list, which is the user's own
    if like is not None and (like.owner, like.group) != (os.geteuid(), os.getegid()):
        os.fchown(descriptor, like.owner, like.group)
    os.fchmod(descriptor, mode)


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


_KINDS: dict[int, tuple[ProblemKind, str]] = {
    errno.EACCES: ("unreadable", "may not be read"),
    errno.EPERM: ("unreadable", "may not be read"),
    errno.ELOOP: ("symlink", "is a link that changed while it was read"),
    errno.ENXIO: ("not-a-file", "is a socket or pipe where a file is expected"),
}


def _problem(path: str, error: OSError) -> Problem:
    kind, words = _KINDS.get(error.errno or 0, ("unreadable", f"could not be read ({error.strerror or error})"))
    return Problem(kind, f"`{path}` {words}", Where(path), "give yourself read permission, or exclude its host")


def _oversized(path: str) -> Problem:
    limit = MAXIMUM_BYTES // (1024 * 1024)
    return Problem(
        "oversized", f"`{path}` is larger than {limit} MB", Where(path), "no host writes such a file; look into it"
    )
