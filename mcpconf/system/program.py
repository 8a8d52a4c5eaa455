"""Which mcpconf runs, by what decides about its answers."""

from __future__ import annotations

import hashlib
import os
import sys
from contextlib import suppress

from mcpconf.version import __version__

_TELLING = (".py", ".toml")


def program() -> str:
    """A digest of its own files, the interpreter, and the names and versions of what is installed. "" outside a folder."""
    top = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    files = sorted(os.path.join(folder, name) for folder, _, names in os.walk(top) for name in names)
    told = [__version__, sys.version, sys.platform, *_installed()]
    found = hashlib.sha256(repr(told).encode("utf-8", "surrogatepass"))
    try:
        for path in (path for path in files if path.endswith(_TELLING)):
            with open(path, "rb") as file:
                data = file.read()
            found.update(repr((path, len(data))).encode("utf-8", "surrogatepass"))
            found.update(data)
    except OSError:
        return ""
    return found.hexdigest() if files else ""


def _installed() -> list[str]:
    names: list[str] = []
    for folder in sys.path:
        with suppress(OSError):
            names += [name for name in os.listdir(folder or ".") if name.endswith((".dist-info", ".egg-info"))]
    return sorted(names)
