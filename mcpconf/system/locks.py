"""The kernel's file lock: gone with its holder, so nothing is ever left to unlock by hand."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from mcpconf.errors import ExitCode, McpconfError, Problem, Where
from mcpconf.model.guard import Guard
from mcpconf.system.paths import Resolver

_HELD = "/proc/locks"
"""Who holds which lock, on Linux (https://man7.org/linux/man-pages/man5/proc_locks.5.html, read 2026-11-20)."""


@dataclass(frozen=True, slots=True)
class KernelLocks:
    resolver: Resolver

    @contextmanager
    def exclusive(self, path: str, timeout: float) -> Iterator[None]:
        """Writes nothing but an empty file that was not there before: who holds it, the kernel knows."""
        from filelock import FileLock, Timeout

        try:
            real = self.resolver.real(self.resolver.resolve(path))
            lock = FileLock(real, timeout=timeout, mode=0o600)
            lock.acquire()
        except Timeout:
            message = f"another mcpconf is writing{_holder(real)}; waited {timeout:g} s"
            hint = "wait for it, or pass `--lock-timeout SECONDS`; a holder that died leaves no lock"
            raise McpconfError(ExitCode.LOCKED, Problem("locked", message, Where(path), hint)) from None
        except OSError as error:
            message = f"the lock cannot be taken ({error.strerror or error})"
            hint = "give yourself write permission there"
            raise McpconfError(ExitCode.NO_PLAN, Problem("write", message, Where(path), hint)) from None
        try:
            yield
        finally:
            lock.release()

    @contextmanager
    def guarded(self, guard: Guard, timeout: float) -> Iterator[None]:
        """Links are followed up to the folder of the lock, and not beyond. Nothing of it is left behind."""
        from mcpconf.system.guards import folder_lock, kernel_lock

        take = folder_lock if guard.kind == "folder" else kernel_lock
        above, _, name = guard.path.rpartition("/")
        try:
            lock = take(guard, f"{self.resolver.real(self.resolver.resolve(above))}/{name}", timeout)
            lock.__enter__()
        except OSError as error:
            message = f"the lock of {guard.title} cannot be taken ({error.strerror or error})"
            hint = "give yourself write permission there"
            raise McpconfError(ExitCode.NO_PLAN, Problem("write", message, Where(guard.path), hint)) from None
        try:
            yield
        finally:
            lock.__exit__(None, None, None)


def _holder(path: str) -> str:
    """The process that holds the lock, if the system tells."""
    try:
        with open(_HELD, "rb") as file:
            lines = file.read(1024 * 1024).decode("ascii", "replace").splitlines()
        info = os.stat(path)
    except OSError:
        return ""
    place = f"{os.major(info.st_dev):02x}:{os.minor(info.st_dev):02x}:{info.st_ino}"
    holders = [
        fields[4]
        for line in lines
        if len(fields := line.split()) > 5 and fields[1:2] == ["FLOCK"] and fields[5] == place
    ]
    return f" (process {holders[0]})" if holders and holders[0] != "0" else ""
