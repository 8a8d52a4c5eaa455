"""What runs on this machine, as far as a user may see it."""

from __future__ import annotations

import os
from contextlib import suppress

_PROCESSES = "/proc"
"""Of Linux (https://man7.org/linux/man-pages/man5/proc_pid_cmdline.5.html, read 2026-11-20); elsewhere nothing is seen."""

_LONGEST = 1024 * 1024


def told_of_processes() -> tuple[str, ...] | None:
    """Of each process of this user its command line, program, folder and variables; None where none can be seen.

    To search, never to show: variables hold secrets.
    """
    if not os.path.isdir(_PROCESSES):
        return None
    user = os.getuid() if hasattr(os, "getuid") else 0
    found: list[str] = []
    for name in os.listdir(_PROCESSES):
        folder = f"{_PROCESSES}/{name}"
        if not name.isdecimal():
            continue
        with suppress(OSError):  # it ended meanwhile
            if os.stat(folder).st_uid == user:
                found.append(_told(folder))
    return tuple(found)


def _told(folder: str) -> str:
    """A server may write over its command line. Threads of the kernel have no program."""
    told: list[str] = []
    for name in ("cmdline", "environ"):
        with suppress(OSError), open(f"{folder}/{name}", "rb") as file:
            told.append(os.fsdecode(file.read(_LONGEST)).replace("\0", "\n"))
    for name in ("exe", "cwd"):
        with suppress(OSError):
            told.append(os.readlink(f"{folder}/{name}"))
    return "\n".join(told)
