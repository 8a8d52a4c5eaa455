"""What runs on this machine, as far as a user may see it."""

from __future__ import annotations

import os
import re
import select
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime

from mcpconf.errors import Problem
from mcpconf.model.process import Engines, KeyringItem, Process, Standing, is_older

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


_PATIENCE = 3.0
"""Seconds that a process is given to end."""

_UNSEEN = Problem(
    "unreadable", "what runs on this system cannot be seen from here", None, "look yourself, as with `ps`"
)
_PS = ("/bin/ps", "-xww", "-o", "pid=,uid=,lstart=,args=")
_SECONDS = 10.0
_LISTED = re.compile(
    r"\s*(?P<pid>\d{1,10})\s+(?P<user>\d{1,10})\s+(?P<started>\w{3} \w{3} [ \d]\d [\d:]{8} \d{4})\s(?P<line>.*)"
)


_GONE = Process(0, (), "")


class OwnProcesses:
    """Processes of this user."""

    def own(self) -> tuple[Process, ...] | Problem | None:
        if sys.platform == "darwin":
            return _listed()
        if sys.platform == "win32":
            return _of_windows()
        if sys.platform != "linux" or not os.path.isdir(_PROCESSES):
            return _UNSEEN
        booted = _booted()
        return tuple(process for pid in _pids() if (process := _process(pid, booted)) is not None)

    def older(self, moment: str, *words: str) -> tuple[Process, ...] | Problem | None:
        own = self.own()
        return tuple(item for item in own if is_older(item, moment, words)) if isinstance(own, tuple) else own

    def end(self, process: Process) -> bool:
        """With a handle on the process where the system has such, so that its number cannot become another's meanwhile."""
        handle = -1
        try:
            handle = os.pidfd_open(process.pid) if hasattr(os, "pidfd_open") else -1
            there = self._now(process)
            if there is _GONE:
                return True
            if there is None or there.argv != process.argv:
                return False
            if handle >= 0:
                signal.pidfd_send_signal(handle, signal.SIGTERM)
                return bool(select.select([handle], [], [], _PATIENCE)[0])
            os.kill(process.pid, signal.SIGTERM)
            return any(self._has_ended_after(process, pause) for pause in (_PATIENCE / 10,) * 10)
        except ProcessLookupError:
            return True
        except OSError:
            return False
        finally:
            if handle >= 0:
                os.close(handle)

    def _now(self, process: Process) -> Process | None:
        """What it is by now: a process may rewrite its command line, but neither its number nor its start. None where it cannot be seen."""
        own = self.own()
        if not isinstance(own, tuple):
            return None
        return next((item for item in own if (item.pid, item.started) == (process.pid, process.started)), _GONE)

    def _has_ended_after(self, process: Process, pause: float) -> bool:
        time.sleep(pause)
        return self._now(process) is _GONE

    def contained(self) -> Engines | None:
        from mcpconf.system.engines import contained

        return contained()

    def standing(self, *names: str) -> tuple[Standing, ...] | Problem:
        from mcpconf.system.sessions import standing

        return standing(*names)

    def keyring(self) -> tuple[KeyringItem, ...] | Problem | None:
        if sys.platform == "darwin":
            from mcpconf.system.keychain import items

            return items()
        return None

    def listens(self, pid: int) -> tuple[str, ...]:
        sockets = set()
        with suppress(OSError):
            for name in os.listdir(f"{_PROCESSES}/{pid}/fd"):
                with suppress(OSError):
                    sockets.add(os.readlink(f"{_PROCESSES}/{pid}/fd/{name}"))
        return tuple(sorted({address for number, address in _waiting(pid) if f"socket:[{number}]" in sockets}))


def _of_windows() -> tuple[Process, ...] | Problem:
    from mcpconf.system.windows import own_processes

    try:
        return own_processes(os.environ, os.getpid())
    except ValueError:
        return _UNSEEN


def _listed() -> tuple[Process, ...] | Problem:
    """Where there is no `/proc`: one line of words for each process (ps(1) of macOS 15, 2026-11)."""
    from mcpconf.system.asked import asked

    said = asked(*_PS, seconds=_SECONDS, environment={"LC_ALL": "C", "TZ": "UTC"})
    return _UNSEEN if said is None else tuple(listed(said.decode("utf-8", "surrogateescape"), os.getuid(), os.getpid()))


def listed(text: str, user: int, own: int) -> Iterator[Process]:
    """Of what `ps` prints, the processes of a user but for one. Words are not told apart in it: the line is one."""
    for found in filter(None, map(_LISTED.fullmatch, text.splitlines())):
        if int(found["user"]) == user and int(found["pid"]) != own:
            started = datetime.strptime(found["started"], "%a %b %d %H:%M:%S %Y").replace(tzinfo=UTC)
            yield Process(int(found["pid"]), (found["line"],), f"{started:%Y-%m-%dT%H:%M:%SZ}")


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
