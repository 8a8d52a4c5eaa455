"""Programs that lock and install start: no shell, bounded time and output, nothing left running behind them."""

from __future__ import annotations

import os
import signal
import subprocess
import sysconfig
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO

from mcpconf.errors import Problem
from mcpconf.ports import MAXIMUM_BYTES
from mcpconf.system.paths import Resolver
from mcpconf.workshop import Call, Ran

_OWN_GROUP = os.name == "posix"
_CHUNK = 65536
_LAST_WORDS = 5.0
"""Seconds that a pipe may stay open behind its program: something that left the group may hold it."""


@dataclass(frozen=True, slots=True)
class SystemPrograms:
    resolver: Resolver
    limit: int = MAXIMUM_BYTES
    _running: set[subprocess.Popen[bytes]] = field(default_factory=set)
    _gate: threading.Lock = field(default_factory=threading.Lock)
    _ended: threading.Event = field(default_factory=threading.Event)

    def run(self, call: Call) -> Ran | Problem:
        name = os.path.basename(call.argv[0])
        try:
            started = self._start(call)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            return Problem("missing", f"`{name}` cannot be started ({reason})", None, f"install `{name}`")
        if started is None:
            return Problem("unreadable", f"`{name}` was not started: mcpconf was interrupted", None, "run it again")
        out, err = Pipe(started.stdout, self.limit), Pipe(started.stderr, self.limit)
        try:
            code = started.wait(call.seconds)
        except subprocess.TimeoutExpired:
            hint = "try again; a registry or a proxy may not answer"
            return Problem("unreadable", f"`{name}` did not end within {call.seconds:g} s", None, hint)
        finally:
            end(started)
            self._running.discard(started)
            said, complained = out.close(), err.close()
        return Ran(code, said, complained)

    def own(self, name: str) -> str:
        path = os.path.join(sysconfig.get_path("scripts"), name + (".exe" if os.name == "nt" else ""))
        return path.replace(os.sep, "/") if os.path.isfile(path) else ""

    def end(self) -> None:
        self._ended.set()
        with self._gate:
            for started in tuple(self._running):
                _kill(started)

    def _start(self, call: Call) -> subprocess.Popen[bytes] | None:
        folder = self.resolver.real(self.resolver.resolve(call.folder))
        with self._gate:
            if self._ended.is_set():
                return None
            started = subprocess.Popen(  # noqa: S603  argv of ours, no shell
                call.argv,
                cwd=folder,
                env=_environment(call),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=_OWN_GROUP,
            )
            self._running.add(started)
            return started


def _environment(call: Call) -> dict[str, str]:
    wanted = {**os.environ, **call.env}
    return {name: value for name, value in wanted.items() if value is not None}


class Pipe:
    """Reads what a program prints as long as it prints, and keeps the first `limit` bytes of it."""

    def __init__(self, stream: IO[bytes] | None, limit: int) -> None:
        assert stream is not None
        self._stream = stream
        self._left = limit
        self._kept: list[bytes] = []
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        with suppress(OSError, ValueError):
            while chunk := os.read(self._stream.fileno(), _CHUNK):
                if self._left > 0:
                    self._kept.append(chunk[: self._left])
                    self._left -= len(chunk)

    def close(self) -> bytes:
        self._thread.join(_LAST_WORDS)
        if not self._thread.is_alive():
            self._stream.close()
        return b"".join(self._kept)


def end(started: subprocess.Popen[bytes]) -> None:
    """End a program that leads a group: what it started belongs to that and goes with it."""
    _kill(started)
    started.wait()


def _kill(started: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError, PermissionError):
        if _OWN_GROUP:
            os.killpg(started.pid, signal.SIGKILL)
        elif started.poll() is None:
            started.kill()
