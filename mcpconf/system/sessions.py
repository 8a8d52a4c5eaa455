"""Variables that every program of a user is given though no file says so. Only whether they are there, never what they hold."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Sequence

from mcpconf.errors import Problem
from mcpconf.model.process import Standing
from mcpconf.system.asked import asked
from mcpconf.system.windows import shell

_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_LAUNCHCTL = "/bin/launchctl"
"""`getenv` prints the value and a line end, or nothing (launchctl(1) of macOS 15, read 2026-11)."""

_SYSTEMCTL = "/usr/bin/systemctl"
"""`show-environment` prints a line `NAME=...` for each (systemctl(1), read 2026-11)."""

_REGISTRY = (
    "[Console]::OutputEncoding = [Text.Encoding]::UTF8; $ErrorActionPreference = 'Stop'; "
    "(Get-Item 'HKCU:\\Environment').GetValueNames() | ForEach-Object { 'user ' + $_ }; "
    "(Get-Item 'HKLM:\\SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Environment').GetValueNames() | "
    "ForEach-Object { 'machine ' + $_ }"
)
"""Where Windows keeps them (https://learn.microsoft.com/windows/win32/procthread/environment-variables, read 2026-11).

Nothing is put into it. Names alone are asked for, and each is one line.
"""

_SECONDS = 10.0
_REGISTRY_SECONDS = 60.0
_UNTOLD = Problem(
    "unreadable",
    "which variables the registry sets is not told",
    None,
    "look yourself, as with `reg query HKCU\\Environment`",
)


def standing(*names: str) -> tuple[Standing, ...] | Problem:
    """A session that cannot be asked sets nothing: there is none."""
    meant = [name for name in names if _NAME.fullmatch(name)]
    match sys.platform if meant else "":
        case "darwin":
            return tuple(Standing(name, "session") for name in meant if _launchctl_tells(name))
        case "linux" if os.path.exists(_SYSTEMCTL):
            return tuple(_of_systemd(meant))
        case "win32":
            said = asked(*shell(os.environ, _REGISTRY), seconds=_REGISTRY_SECONDS)
            return _UNTOLD if said is None else tuple(registered(said.decode("utf-8", "replace"), meant))
        case _:
            return ()


def _launchctl_tells(name: str) -> bool:
    return bool((asked(_LAUNCHCTL, "getenv", name, seconds=_SECONDS) or b"").strip())


def _of_systemd(names: Sequence[str]) -> Iterator[Standing]:
    said = asked(_SYSTEMCTL, "--user", "show-environment", seconds=_SECONDS) or b""
    there = {line.partition(b"=")[0] for line in said.splitlines()}
    yield from (Standing(name, "session") for name in names if name.encode() in there)


def registered(text: str, names: Sequence[str]) -> Iterator[Standing]:
    """Of what the registry tells, in whatever letters it writes a name: programs of Windows see no difference."""
    folded = {name.casefold(): name for name in names}
    for line in text.removeprefix("\ufeff").splitlines():
        by, _, said = line.partition(" ")
        name = folded.get(said.casefold(), "")
        if name and by == "user":
            yield Standing(name, "user")
        elif name and by == "machine":
            yield Standing(name, "machine")
