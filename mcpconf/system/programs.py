"""Programs that lock and install start: no shell, bounded time and output, nothing left running behind them."""

from __future__ import annotations

import os
import signal
import subprocess
import sysconfig
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from typing import IO

from mcpconf.errors import Problem
from mcpconf.ports import MAXIMUM_BYTES, Call, Ran
from mcpconf.system.paths import Resolver

_OWN_GROUP = os.name == "posix"


@dataclass(frozen=True, slots=True)
class SystemPrograms:
    resolver: Resolver

    def run(self, call: Call) -> Ran | Problem:
        name = os.path.basename(call.argv[0])
        folder = self.resolver.real(self.resolver.resolve(call.folder))
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            try:
                started = subprocess.Popen(  # noqa: S603  argv of ours, no shell
                    call.argv,
                    cwd=folder,
                    env=_environment(call),
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=err,
                    start_new_session=_OWN_GROUP,
                )
            except (OSError, ValueError) as error:
                reason = getattr(error, "strerror", None) or error
                return Problem("missing", f"`{name}` cannot be started ({reason})", None, f"install `{name}`")
            try:
                code = started.wait(call.seconds)
            except subprocess.TimeoutExpired:
                hint = "try again; a registry or a proxy may not answer"
                return Problem("unreadable", f"`{name}` did not end within {call.seconds:g} s", None, hint)
            finally:
                _end(started)
            return Ran(code, _read(out), _read(err))

    def own(self, name: str) -> str:
        path = os.path.join(sysconfig.get_path("scripts"), name + (".exe" if os.name == "nt" else ""))
        return path.replace(os.sep, "/") if os.path.isfile(path) else ""


def _environment(call: Call) -> dict[str, str]:
    wanted = {**os.environ, **call.env}
    return {name: value for name, value in wanted.items() if value is not None}


def _end(started: subprocess.Popen[bytes]) -> None:
    """What it started belongs to its group and goes with it."""
    with suppress(ProcessLookupError, PermissionError):
        if _OWN_GROUP:
            os.killpg(started.pid, signal.SIGKILL)
        elif started.poll() is None:
            started.kill()
    started.wait()


def _read(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read(MAXIMUM_BYTES)
