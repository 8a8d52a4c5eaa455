"""The kernel's file lock: gone with its holder, so nothing is ever left to unlock by hand."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from mcpconf.errors import ExitCode, McpconfError, Problem, Where
from mcpconf.system.paths import Resolver


@dataclass(frozen=True, slots=True)
class KernelLocks:
    resolver: Resolver

    @contextmanager
    def exclusive(self, path: str, timeout: float) -> Iterator[None]:
        from filelock import FileLock, Timeout

        real = self.resolver.real(self.resolver.resolve(path))
        lock = FileLock(real, timeout=timeout, mode=0o600)
        try:
            with lock:
                _write_info(f"{real}.info")
                yield
        except Timeout:
            holder = _read_info(f"{real}.info")
            raise McpconfError(
                ExitCode.LOCKED,
                Problem(
                    "locked",
                    f"another mcpconf is writing{holder}; waited {timeout:g} s",
                    Where(path),
                    "wait for it, or pass `--lock-timeout SECONDS`; a holder that died leaves no lock",
                ),
            ) from None


def _write_info(path: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0), 0o600)
    try:
        os.write(descriptor, str(os.getpid()).encode("ascii"))
    finally:
        os.close(descriptor)


def _read_info(path: str) -> str:
    try:
        with open(path, "rb") as info:
            text = info.read(20).decode("ascii")
    except (OSError, UnicodeDecodeError):
        return ""
    return f" (process {text})" if text.isdigit() else ""
