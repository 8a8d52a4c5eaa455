"""What runs on this machine, as far as a user may see it."""

from __future__ import annotations

import os
from contextlib import suppress

_PROCESSES = "/proc"
"""Of Linux (https://man7.org/linux/man-pages/man5/proc_pid_cmdline.5.html, read 2026-11-20); elsewhere nothing is seen."""

_LONGEST = 1024 * 1024


def command_lines() -> tuple[str, ...]:
    """The command line and the program of each process of this user."""
    user = os.getuid() if hasattr(os, "getuid") else 0
    found: list[str] = []
    names = os.listdir(_PROCESSES) if os.path.isdir(_PROCESSES) else []
    for name in names:
        folder = f"{_PROCESSES}/{name}"
        if not name.isdecimal():
            continue
        with suppress(OSError):  # it ended meanwhile
            if os.stat(folder).st_uid == user:
                found.append(_command_line(folder))
    return tuple(found)


def _command_line(folder: str) -> str:
    """Raises OSError."""
    with open(f"{folder}/cmdline", "rb") as file:
        words = os.fsdecode(file.read(_LONGEST)).replace("\0", " ")
    with suppress(OSError):  # of threads of the kernel there is none
        words = f"{os.readlink(f'{folder}/exe')} {words}"
    return words
