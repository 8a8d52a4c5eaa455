"""Locks of hosts, taken the way that each host takes them."""

from __future__ import annotations

import os
import stat
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from mcpconf.errors import ExitCode, McpconfError, Problem, Where
from mcpconf.model.guard import Guard

_PAUSE = 0.05
"""Seconds between two tries."""


@contextmanager
def kernel_lock(guard: Guard, real: str, timeout: float) -> Iterator[None]:
    """A file of the host that is there; where it is not, the host never wrote, and the file is its own to make.

    The file stays: the host remembers which one it is.
    """
    if sys.platform == "win32":
        yield
        return
    import fcntl

    try:
        descriptor = os.open(real, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        yield
        return

    def taken() -> bool:
        with suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        return False

    try:
        _wait(guard, timeout, taken, lambda: "")
        yield
    finally:
        os.close(descriptor)


@contextmanager
def folder_lock(guard: Guard, real: str, timeout: float) -> Iterator[None]:
    """A folder that appears with the name of its owner in it, and goes once that name is out of it.

    Where the folder it would lie in is missing, there is no file to keep from others.
    """
    if not os.path.isdir(os.path.dirname(real)):
        yield
        return
    token = f"{os.getpid()}.{time.time_ns() // 1_000_000}.{uuid.uuid4()}"
    _wait(guard, timeout, lambda: _made(real, token) or _cleared(real, guard.stale), lambda: _owner(real))
    try:
        yield
    finally:
        with suppress(OSError):
            os.unlink(f"{real}/owner.{token}")
        with suppress(OSError):  # another's by now
            os.rmdir(real)


def _made(real: str, token: str) -> bool:
    staged = f"{real}.tmp.{token}"
    os.mkdir(staged, 0o700)
    marker = f"{staged}/owner.{token}"
    try:
        with open(marker, "x", encoding="ascii") as file:
            file.write(token)
        os.rename(staged, real)
    except OSError:
        with suppress(OSError):
            os.unlink(marker)
        os.rmdir(staged)
        if os.path.lexists(real):
            return False
        raise
    return True


def _cleared(real: str, stale: float) -> bool:
    """Put aside what was left behind, as the host does. Always false: the next try takes the lock."""
    with suppress(OSError):
        found = os.lstat(real)
        if stat.S_ISDIR(found.st_mode) and time.time() - found.st_mtime >= stale:
            aside = f"{real}.stale.{uuid.uuid4()}"
            os.rename(real, aside)
            for name in os.listdir(aside):
                os.unlink(f"{aside}/{name}")
            os.rmdir(aside)
    return False


def _owner(real: str) -> str:
    with suppress(OSError):
        for name in os.listdir(real):
            number = name.removeprefix("owner.").partition(".")[0]
            if name.startswith("owner.") and number.isascii() and number.isdigit():
                return f" (process {number})"
    return ""


def _wait(guard: Guard, timeout: float, taken: Callable[[], bool], owner: Callable[[], str]) -> None:
    until = time.monotonic() + timeout
    while not taken():
        if time.monotonic() >= until:
            message = f"{guard.title} is writing its file{owner()}; waited {timeout:g} s"
            hint = "wait for it or close it, or pass `--lock-timeout SECONDS`"
            raise McpconfError(ExitCode.LOCKED, Problem("locked", message, Where(guard.path), hint))
        time.sleep(_PAUSE)
