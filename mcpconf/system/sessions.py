"""Variables that the session of a user gives to every program that it starts."""

from __future__ import annotations

import os
import re
import subprocess
import sys

_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_LAUNCHCTL = "/bin/launchctl"
"""`getenv` prints the value and a line end, or nothing (launchctl(1) of macOS 15, read 2026-11)."""

_SYSTEMCTL = "/usr/bin/systemctl"
"""`show-environment` prints a line `NAME=...` for each (systemctl(1), read 2026-11)."""

_SECONDS = 10


def session_sets(name: str) -> bool:
    """Never what it holds. False where that cannot be told."""
    if _NAME.fullmatch(name) is None:
        return False
    if sys.platform == "darwin":
        return bool(_said(_LAUNCHCTL, "getenv", name).strip())
    if sys.platform != "linux" or not os.path.exists(_SYSTEMCTL):
        return False
    return any(line.startswith(f"{name}=") for line in _said(_SYSTEMCTL, "--user", "show-environment").splitlines())


def _said(*argv: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - argv only
            argv, capture_output=True, check=True, timeout=_SECONDS, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.decode("utf-8", "replace")
