"""What a program of the system answers: by argv only, for a bounded time, and of a bounded size."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping

from mcpconf.system.programs import Pipe, end

MOST_BYTES = 16 * 1024 * 1024


def asked(
    *argv: str, seconds: float, environment: Mapping[str, str] | None = None, most: int = MOST_BYTES
) -> bytes | None:
    """None where it is not there, refuses, takes too long or says too much: a part of an answer is none."""
    try:
        started = subprocess.Popen(  # noqa: S603 - argv only
            argv,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=os.name == "posix",
        )
    except (OSError, ValueError):
        return None
    out = Pipe(started.stdout, most + 1)
    code: int | None = None
    try:
        code = started.wait(seconds)
    except subprocess.TimeoutExpired:
        pass
    finally:
        end(started)
        said = out.close()
    return None if code or code is None or len(said) > most else said
