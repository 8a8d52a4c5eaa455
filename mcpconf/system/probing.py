"""Starts the process that asks servers, and nothing of it is left when it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec

from pydantic import ValidationError

from mcpconf.documents.probed import parse_probed, render_probes
from mcpconf.errors import ExitCode, McpconfError, Problem
from mcpconf.model.probe import Probe, Probed
from mcpconf.system.census import census, family
from mcpconf.system.programs import Pipe

_BOOT = "import sys; sys.path[:] = sys.argv[1:]; from mcpconf.probing.__main__ import main; sys.exit(main())"
"""Isolated, but with the same code as here: neither the folder it starts in nor a variable brings other."""

_ENVIRONMENT = {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
_WINDOWS = ("SYSTEMROOT",)
"""Without it, Windows gives a process no sockets."""

_START_SECONDS = 60.0
_END_SECONDS = 20.0
_CONVERSATIONS = 4
"""Of one server at most: two clients, each of which may have to begin again."""

_SPELLED = 6
"""Bytes of JSON for one byte of an answer, at worst."""

_LAST_WORDS = 65536


@dataclass(frozen=True, slots=True)
class SystemProber:
    def ask(self, probes: Sequence[Probe]) -> tuple[Probed, ...]:
        """In the order of the probes. Raises McpconfError (exit 1) without the extra `probe`."""
        if find_spec("mcp") is None:
            problem = Problem(
                "missing", "asking servers takes the extra `probe`", None, "`pip install 'mcpconf[probe]'`"
            )
            raise McpconfError(ExitCode.NO_PLAN, problem)
        out, err = _run(probes)
        answers: dict[str, Probed] = {}
        for line in out.splitlines():
            with suppress(ValidationError):  # of a line that was cut off
                answer = parse_probed(line)
                answers[answer.name] = answer
        return tuple(answers.get(probe.name) or _unanswered(probe, err) for probe in probes)


def _run(probes: Sequence[Probe]) -> tuple[bytes, bytes]:
    """What it wrote to stdout and stderr."""
    started = subprocess.Popen(  # noqa: S603  argv of ours, no shell
        [sys.executable, "-I", "-c", _BOOT, *filter(os.path.isabs, sys.path)],
        env=_ENVIRONMENT | {name: os.environ[name] for name in _WINDOWS if name in os.environ},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=os.name == "posix",
    )
    limit = sum(2 * _SPELLED * probe.limits.total for probe in probes)
    seconds = _START_SECONDS + sum(_CONVERSATIONS * (probe.limits.seconds + _END_SECONDS) for probe in probes)
    out, err = Pipe(started.stdout, limit), Pipe(started.stderr, _LAST_WORDS)
    try:
        assert started.stdin is not None
        with suppress(BrokenPipeError):
            started.stdin.write(render_probes(list(probes)) + b"\n")
            started.stdin.flush()
        with suppress(subprocess.TimeoutExpired):
            started.wait(seconds)
    finally:
        _end(started)
        told = out.close(), err.close()
    return told


def _end(started: subprocess.Popen[bytes]) -> None:
    """It ends what it started when its stdin is closed; only if it cannot, it is killed."""
    with suppress(OSError):
        if started.stdin is not None:
            started.stdin.close()
    try:
        started.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        _kill(started)
        started.wait()


def _kill(started: subprocess.Popen[bytes]) -> None:
    """With all that it started, which it can no longer end itself: it is held first, so that nothing more is started."""
    if os.name != "posix":
        started.kill()
        return
    with suppress(OSError):
        os.kill(started.pid, signal.SIGSTOP)
    for pid in (*family([started.pid], census()), started.pid):
        with suppress(OSError):
            os.kill(pid, signal.SIGKILL)


def _unanswered(probe: Probe, err: bytes) -> Probed:
    last = err.decode("utf-8", "replace").strip().rpartition("\n")[2]
    told = f": {last}" if last else ""
    problem = Problem("internal", f"the process that asks did not come to its end{told}", None, "run it again")
    return Probed(probe.name, probe.sandboxed, problem=problem)
