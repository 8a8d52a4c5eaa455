"""Which processes there are, and which of them belong together. On Linux; elsewhere none are seen."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import NamedTuple

_LINUX = sys.platform == "linux"


class Process(NamedTuple):
    """`resident` is in bytes. One that is `over` only waits for its parent to notice."""

    parent: int
    resident: int
    over: bool = False


def census() -> dict[int, Process]:
    """Every process that can be seen; none but on Linux. proc_pid_stat(5): the name may hold anything but ends at `)`."""
    found: dict[int, Process] = {}
    page = os.sysconf("SC_PAGE_SIZE") if _LINUX else 0
    for name in os.listdir("/proc") if _LINUX else ():
        if name.isdigit():
            with suppress(OSError, ValueError, IndexError), open(f"/proc/{name}/stat", "rb") as file:
                told = file.read().rpartition(b")")[2].split()
                found[int(name)] = Process(int(told[1]), int(told[21]) * page, told[0] in (b"Z", b"X"))
    return found


def family(roots: Iterable[int], all_of_them: dict[int, Process]) -> set[int]:
    """The processes that are still there, with all that they started."""
    children: dict[int, list[int]] = {}
    for pid, process in all_of_them.items():
        children.setdefault(process.parent, []).append(pid)
    found: set[int] = set()
    waiting = [pid for pid in roots if pid in all_of_them]
    while waiting:
        pid = waiting.pop()
        if pid not in found and not all_of_them[pid].over:
            found.add(pid)
            waiting += children.get(pid, [])
    return found
