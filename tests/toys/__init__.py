"""Servers made for tests: small, without the SDK, and mostly ill-behaved."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from mcpconf.model.probe import Limits, Probe

SERVER = Path(__file__).with_name("server.py")
PYTHON = os.path.realpath(sys.executable)
"""Without the environment that tests run in: toys need nothing but the standard library."""

SOON = Limits(seconds=6.0)
"""For toys that never answer."""


def argv(behaviour: str, *words: str) -> tuple[str, ...]:
    return (PYTHON, "-I", "-S", str(SERVER), behaviour, *words)


def probe(behaviour: str, folder: Path | str, *words: str, limits: Limits | None = None, **more) -> Probe:
    """Named like its behaviour."""
    env = {"HOME": str(folder), "PATH": "/usr/bin:/bin", "TZ": "UTC", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
    given = {"name": behaviour, "transport": "stdio", "argv": argv(behaviour, *words), "env": env}
    given |= {"folder": str(folder), "limits": limits or Limits()}
    return Probe(**{**given, **more})
