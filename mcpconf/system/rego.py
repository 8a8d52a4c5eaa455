"""Evaluates rules in Rego in a process that has no variable of this one, and does not outlast its time.

The library is native code: a text can end the process that evaluates it, keep it busy without end (`regex.match` goes back
over what it read), and ask for its environment (`opa.runtime`), all of it seen with regopy 1.5.2 (2026-11-27).
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence

from mcpconf.errors import ExitCode, McpconfError, Problem
from mcpconf.model.base import Json
from mcpconf.model.rego import Denials

SECONDS = 10.0
"""For one text and all servers."""

_MOST_BYTES = 4 * 1024 * 1024
_LAST_WORDS = 65536
_BOOT = "import sys; sys.path[:] = sys.argv[1:]; from mcpconf.system.denying import main; sys.exit(main())"
"""Isolated, but with the same code as here: neither the folder it starts in nor a variable brings other."""

_WINDOWS = ("SYSTEMROOT",)


def denied(text: str, servers: Sequence[Json], seconds: float = SECONDS) -> tuple[Denials, ...]:
    """What a text in Rego says of each server. Raises McpconfError (exit 1) without the extra `rego`."""
    from importlib.util import find_spec

    if find_spec("regopy") is None:
        message, hint = "`policy.rego` takes the extra `rego`", "`pip install 'mcpconf[rego]'`"
        raise McpconfError(ExitCode.NO_PLAN, Problem("missing", message, None, hint))
    if not servers:
        return ()
    lines, why = _run(json.dumps([text, servers]).encode() + b"\n", seconds)
    answers = [_answer(line) for line in lines[: len(servers)]]
    return (*answers, *[why] * (len(servers) - len(answers)))


def _run(asked: bytes, seconds: float) -> tuple[list[bytes], str]:
    """The whole lines that it wrote, and why there are no more."""
    import subprocess

    from mcpconf.system.programs import Pipe, end

    started = subprocess.Popen(  # noqa: S603  argv of ours, no shell
        [sys.executable, "-I", "-c", _BOOT, *filter(os.path.isabs, sys.path)],
        env={"LANG": "C.UTF-8"} | {name: os.environ[name] for name in _WINDOWS if name in os.environ},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=os.name == "posix",
    )
    out, err = Pipe(started.stdout, _MOST_BYTES), Pipe(started.stderr, _LAST_WORDS)
    why = "ended the process that evaluates it"
    try:
        assert started.stdin is not None
        try:
            started.stdin.write(asked)
            started.stdin.close()
        except BrokenPipeError:
            pass
        started.wait(seconds)
    except subprocess.TimeoutExpired:
        why = f"takes longer than {seconds:g} s"
    finally:
        end(started)
        told = out.close()
        err.close()
    return told.split(b"\n")[:-1], why


def _answer(line: bytes) -> Denials:
    told = json.loads(line)
    return told if isinstance(told, str) else tuple(told)
