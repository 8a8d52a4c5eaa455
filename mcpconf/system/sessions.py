"""Variables that the session of a user gives to every program that it starts."""

from __future__ import annotations

import os
import re
import sys

from mcpconf.system.asked import asked

_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_LAUNCHCTL = "/bin/launchctl"
"""`getenv` prints the value and a line end, or nothing (launchctl(1) of macOS 15, read 2026-11)."""

_SYSTEMCTL = "/usr/bin/systemctl"
"""`show-environment` prints a line `NAME=...` for each (systemctl(1), read 2026-11)."""

_SECONDS = 10.0


def session_sets(name: str) -> bool:
    """Never what it holds. False where that cannot be told."""
    if _NAME.fullmatch(name) is None:
        return False
    if sys.platform == "darwin":
        return bool((asked(_LAUNCHCTL, "getenv", name, seconds=_SECONDS) or b"").strip())
    if sys.platform != "linux" or not os.path.exists(_SYSTEMCTL):
        return False
    said = asked(_SYSTEMCTL, "--user", "show-environment", seconds=_SECONDS) or b""
    return any(line.startswith(f"{name}=".encode()) for line in said.splitlines())
