"""What runs on Windows, as its own management interface tells it.

https://learn.microsoft.com/windows/win32/cimwin32prov/win32-process, read 2026-11: the command line is one text, and is told
of other users' processes to an administrator only. Variables are not told.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from mcpconf.model.process import Process
from mcpconf.system.asked import asked

_SCRIPT = (
    "[Console]::OutputEncoding = [Text.Encoding]::UTF8; "
    "$me = [Security.Principal.WindowsIdentity]::GetCurrent().User.Value; "
    "Get-CimInstance Win32_Process -ErrorAction Stop | Where-Object { $_.CommandLine } | ForEach-Object { "
    "$owner = (Invoke-CimMethod -InputObject $_ -MethodName GetOwnerSid -ErrorAction SilentlyContinue).Sid; "
    "if ($owner -eq $me) { ConvertTo-Json -Compress @{ pid = $_.ProcessId; line = $_.CommandLine; "
    "started = $_.CreationDate.ToUniversalTime().ToString('yyyy-MM-ddTHH:mm:ssZ') } } }"
)
"""Nothing is put into it. Each process is one line of JSON."""

_SECONDS = 60.0
_PART = re.compile(r'(?P<slashes>\\+)(?P<quote>"?)|(?P<mark>")|(?P<gap>[ \t]+)|[^\\" \t]+')


def shell(environment: Mapping[str, str], script: str) -> tuple[str, ...]:
    """The command line that runs a script of ours in the shell that every Windows has."""
    program = f"{environment.get('SYSTEMROOT', 'C:/Windows')}/System32/WindowsPowerShell/v1.0/powershell.exe"
    return (program, "-NoLogo", "-NoProfile", "-NonInteractive", "-Command", script)


def own_processes(environment: Mapping[str, str], own: int) -> tuple[Process, ...]:
    """Of this user, but for one. Raises ValueError where there is no answer of this script."""
    said = asked(*shell(environment, _SCRIPT), seconds=_SECONDS)
    if said is None:
        raise ValueError(_SCRIPT)
    text = said.decode("utf-8", "replace").removeprefix("\ufeff")
    return tuple(item for item in told(text) if item.pid != own and _SCRIPT not in " ".join(item.argv))


def told(text: str) -> Iterator[Process]:
    """Raises ValueError for what is no answer of this script."""
    for line in filter(None, map(str.strip, text.splitlines())):
        found = json.loads(line)
        try:
            yield Process(int(found["pid"]), words(str(found["line"])), str(found["started"]))
        except (KeyError, TypeError):
            raise ValueError(line) from None


def words(line: str) -> tuple[str, ...]:
    """As programs take a command line apart (https://learn.microsoft.com/cpp/c-language/parsing-c-command-line-arguments)."""
    found: list[str] = []
    word: list[str] | None = None
    within = False
    for part in _PART.finditer(line):
        if part["gap"] and not within:
            found += [] if word is None else ["".join(word)]
            word = None
            continue
        word = [] if word is None else word
        half, odd = divmod(len(part["slashes"] or ""), 2)
        if part["quote"] or part["mark"]:
            word.append("\\" * half + '"' * odd)
            within = within if odd else not within
        else:
            word.append(part[0])
    return tuple(found if word is None else [*found, "".join(word)])
