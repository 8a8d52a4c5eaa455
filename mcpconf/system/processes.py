"""What runs on this machine, as far as a user may see it."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime

from mcpconf.errors import Problem
from mcpconf.model.process import Process

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


class OwnProcesses:
    """Processes of this user; `real` is false for a folder that stands for a machine, in which nothing runs."""

    def __init__(self, *, real: bool) -> None:
        self._real = real

    def own(self) -> tuple[Process, ...] | Problem | None:
        if not self._real:
            return None
        if sys.platform != "linux" or not os.path.isdir(_PROCESSES):
            hint = "look yourself, as with `ps`"
            return Problem("unreadable", "what runs on this system cannot be seen from here", None, hint)
        booted = _booted()
        return tuple(process for pid in _pids() if (process := _process(pid, booted)) is not None)

    def listens(self, pid: int) -> tuple[str, ...]:
        sockets = set()
        with suppress(OSError):
            for name in os.listdir(f"{_PROCESSES}/{pid}/fd"):
                with suppress(OSError):
                    sockets.add(os.readlink(f"{_PROCESSES}/{pid}/fd/{name}"))
        return tuple(sorted({address for number, address in _waiting(pid) if f"socket:[{number}]" in sockets}))


def _pids() -> Iterator[int]:
    user, own = os.getuid(), os.getpid()
    for name in sorted(filter(str.isdecimal, os.listdir(_PROCESSES)), key=int):
        with suppress(OSError):  # it ended meanwhile
            if int(name) != own and os.stat(f"{_PROCESSES}/{name}").st_uid == user:
                yield int(name)


def _booted() -> int:
    """Seconds since 1970 (proc_stat(5), `btime`)."""
    with open(f"{_PROCESSES}/stat", encoding="ascii") as file:
        return next((int(line.split()[1]) for line in file if line.startswith("btime ")), 0)


def _process(pid: int, booted: int) -> Process | None:
    """proc_pid_stat(5): field 22 is the start, in ticks since the system started; the name in field 2 may hold anything."""
    folder = f"{_PROCESSES}/{pid}"
    try:
        with open(f"{folder}/cmdline", "rb") as file:
            words = file.read(_LONGEST).rstrip(b"\0").split(b"\0")
        with open(f"{folder}/stat", "rb") as file:
            ticks = int(file.read().rpartition(b")")[2].split()[19])
    except (OSError, ValueError, IndexError):
        return None
    started = datetime.fromtimestamp(booted + ticks // os.sysconf("SC_CLK_TCK"), UTC)
    argv = tuple(map(os.fsdecode, words)) if words != [b""] else ()
    return Process(pid, argv, f"{started:%Y-%m-%dT%H:%M:%SZ}", _variables(folder))


def _variables(folder: str) -> frozenset[str]:
    with suppress(OSError), open(f"{folder}/environ", "rb") as file:
        pairs = file.read(_LONGEST).split(b"\0")
        return frozenset(os.fsdecode(pair.partition(b"=")[0]) for pair in pairs if b"=" in pair)
    return frozenset()


_LISTENS = "0A"


def _waiting(pid: int) -> Iterator[tuple[str, str]]:
    """The inode and address of each socket that waits (proc_pid_net(5): words of four bytes, in the order of the machine)."""
    for family, name in ((socket.AF_INET, "tcp"), (socket.AF_INET6, "tcp6")):
        with suppress(OSError), open(f"{_PROCESSES}/{pid}/net/{name}", encoding="ascii") as file:
            for line in file.readlines()[1:]:
                fields = line.split()
                if fields[3] == _LISTENS:
                    yield fields[9], _address(family, *fields[1].split(":"))


def _address(family: int, text: str, port: str) -> str:
    words = [bytes.fromhex(text[at : at + 8]) for at in range(0, len(text), 8)]
    plain = b"".join(word[::-1] if sys.byteorder == "little" else word for word in words)
    shown = socket.inet_ntop(family, plain)
    return f"[{shown}]:{int(port, 16)}" if family == socket.AF_INET6 else f"{shown}:{int(port, 16)}"
