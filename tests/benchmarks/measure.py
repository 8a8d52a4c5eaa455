"""What a command costs: CPU seconds and memory of its process and all it started, as medians of several runs."""

from __future__ import annotations

import os
import statistics
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple


class Cost(NamedTuple):
    """`seconds` of CPU, user and system. `megabytes` of the largest process. `code` is the last exit code."""

    seconds: float
    megabytes: float
    code: int


def measure(
    command: Sequence[str],
    runs: int,
    *,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    before: Callable[[], None] | None = None,
) -> Cost:
    """One run to warm up, then `runs` that count. `before` puts things back before each."""
    costs = []
    for _ in range(runs + 1):
        if before is not None:
            before()
        costs.append(_once(command, folder, environment or {}))
    counted = costs[1:]
    return Cost(
        statistics.median(cost.seconds for cost in counted),
        statistics.median(cost.megabytes for cost in counted),
        counted[-1].code,
    )


def _once(command: Sequence[str], folder: Path | None, more: Mapping[str, str]) -> Cost:
    """`wait4` tells of this child and of what it waited for, and not of children before it."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    quiet = subprocess.DEVNULL
    child = subprocess.Popen(command, cwd=folder, env={**environment, **more}, stdin=quiet, stdout=quiet, stderr=quiet)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, child.returncode)
