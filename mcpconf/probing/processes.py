"""Servers as processes: started apart from each other, watched, and ended with all that they started.

The process of the probe is where orphans go (`PR_SET_CHILD_SUBREAPER`, Linux): a daemon that leaves its session ends up here
and is ended like the rest. Elsewhere only the group of a server is ended, and its memory is not watched.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass, field

from mcpconf.errors import Problem
from mcpconf.model.probe import Probe
from mcpconf.probing.wire import Tee
from mcpconf.system.census import Process, census, family

_LINUX = sys.platform == "linux"
_SUBREAPER = 36
"""`PR_SET_CHILD_SUBREAPER`, https://man7.org/linux/man-pages/man2/pr_set_child_subreaper.2const.html (2026-11)."""

_OFTEN = 0.2
_LEAVE = 0.5
"""Seconds that a server has to end by itself once nobody talks to it, and again once it is told to."""

_ROUNDS = 50
_MOST_PROCESSES = 256
_LAST_WORDS = 4096


def adopt_orphans() -> None:
    if _LINUX:
        ctypes.CDLL(None, use_errno=True).prctl(_SUBREAPER, 1, 0, 0, 0)


@dataclass(slots=True)
class Running:
    """`seen` are all processes that ever belonged to it, `lost` is how many of them were left without a parent."""

    process: asyncio.subprocess.Process
    tee: Tee
    seen: set[int] = field(default_factory=set)
    lost: int = 0
    over: bool = False
    """Nobody talks to it any more: what now loses its parent is about to end as well."""

    said: bytes = b""
    """The end of what it wrote to stderr."""

    async def listen(self) -> None:
        """To stderr, as long as it is open: a server that cannot write there stands still."""
        assert self.process.stderr is not None
        while chunk := await self.process.stderr.read(65536):
            self.said = (self.said + chunk)[-_LAST_WORDS:]


@dataclass(slots=True)
class Nursery:
    """All servers of this process."""

    running: dict[int, Running] = field(default_factory=dict)
    started: set[int] = field(default_factory=set)
    starting: int = 0
    """How many are on their way: they look like orphans until it is known which they are."""

    async def start(self, probe: Probe, tee: Tee) -> Running:
        """Raises OSError, ValueError."""
        pipe = asyncio.subprocess.PIPE
        self.starting += 1
        try:
            process = await asyncio.create_subprocess_exec(
                *probe.argv,
                stdin=pipe,
                stdout=pipe,
                stderr=pipe,
                cwd=probe.folder or None,
                env=dict(probe.env),
                start_new_session=os.name == "posix",
            )
            self.started.add(process.pid)
        finally:
            self.starting -= 1
        self.running[process.pid] = Running(process, tee, {process.pid})
        return self.running[process.pid]

    async def watch(self) -> None:
        while True:
            await asyncio.sleep(_OFTEN)
            there = census() if self.running else {}
            for pid, running in self.running.items():
                own = family([pid], there)
                running.seen |= own
                _judge(running, own, there)
            self.sweep(there)

    def sweep(self, there: dict[int, Process]) -> None:
        """End what lost its parent: it would outlive its server, or hide from being counted with it."""
        if self.starting:
            return
        lost = [pid for pid, item in there.items() if item.parent == os.getpid() and pid not in self.started]
        for pid in family(lost, there):
            _kill(pid)
            for running in self._owners(pid):
                running.lost += 1
        for pid in lost:
            with suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)

    def _owners(self, pid: int) -> list[Running]:
        """Whose a process was. One that was never seen before can only be told where there is one server."""
        everybody = [*self.running.values()]
        found = [item for item in everybody if pid in item.seen] or (everybody if len(everybody) == 1 else [])
        return [item for item in found if not item.over]

    async def end(self, running: Running) -> int:
        """How many processes were still there when the server had ended, or would not."""
        pid = running.process.pid
        running.seen |= family([pid], census())
        running.over = True
        if running.process.stdin is not None:
            running.process.stdin.close()
        if not await _gone(running.process):
            self._tell(running, signal.SIGTERM)
            await _gone(running.process)
        running.lost += len(await _left_behind(running))
        await self._kill_all(running)
        del self.running[pid]
        return running.lost

    def _tell(self, running: Running, number: int) -> None:
        if os.name == "posix":
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(running.process.pid, number)
        elif running.process.returncode is None:
            running.process.kill()

    async def _kill_all(self, running: Running) -> None:
        """Until nothing is left: what is killed may just have started something."""
        for _ in range(_ROUNDS):
            left = _own(running, census())
            if running.process.returncode is None or left:
                self._tell(running, getattr(signal, "SIGKILL", signal.SIGTERM))
            for pid in left:
                _kill(pid)
            if running.process.returncode is not None and not left:
                break
            await asyncio.sleep(0.02)
        self.sweep(census())


async def _left_behind(running: Running) -> set[int]:
    """What a server started and did not take along, after the moment that it takes to go."""
    left: set[int] = set()
    for _ in range(int(_LEAVE / 0.02)):
        left = _own(running, census()) - {running.process.pid}
        if not left:
            break
        await asyncio.sleep(0.02)
    return left


def _own(running: Running, there: dict[int, Process]) -> set[int]:
    """What is left of a server. A number that was given anew to a process of somebody else is not below this one."""
    adopted = running.seen & family([os.getpid()], there)
    return family([running.process.pid, *adopted], there)


def _judge(running: Running, own: set[int], there: dict[int, Process]) -> None:
    resident = sum(there[pid].resident for pid in own)
    limit = running.tee.limits.memory
    if resident > limit or len(own) > _MOST_PROCESSES:
        what = f"more than {limit} bytes of memory" if resident > limit else f"more than {_MOST_PROCESSES} processes"
        running.tee.stop(Problem("oversized", f"it took {what}"))
        for pid in own:
            _kill(pid)


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))


async def _gone(process: asyncio.subprocess.Process) -> bool:
    for _ in range(int(_LEAVE / 0.01)):
        if process.returncode is not None:
            return True
        await asyncio.sleep(0.01)
    return process.returncode is not None
