"""Files that set variables for shells, sessions, services, terminals of editors and projects, and the names that they set."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from mcpconf.errors import Problem
from mcpconf.formats.base import pointer
from mcpconf.residue.looking import MOST, Surroundings, own_configuration, parsed

_PROFILES = [
    ".profile",
    ".bash_profile",
    ".bash_login",
    ".bashrc",
    ".zshenv",
    ".zprofile",
    ".zshrc",
    ".zlogin",
    ".kshrc",
    ".pam_environment",
    ".xprofile",
    ".xsessionrc",
    ".env",
    ".envrc",
    ".config/fish/config.fish",
    ".config/fish/fish_variables",
    ".config/powershell/profile.ps1",
    "Documents/PowerShell/profile.ps1",
    "Documents/PowerShell/Microsoft.PowerShell_profile.ps1",
]
"""Read by shells and sessions at their start: bash(1), zsh(1), fish(1), pam_env(8), about_Profiles, direnv(1), 2026-11."""

_FOLDERS = (
    (".config/environment.d", ".conf"),
    (".config/fish/conf.d", ".fish"),
    (".config/systemd/user", ".service"),
    (".bashrc.d", ""),
    (".zshrc.d", ""),
)
"""environment.d(5), systemd.exec(5), and what shells are made to read one by one."""

_AGENTS = "Library/LaunchAgents"
"""launchd.plist(5): `EnvironmentVariables` of what runs for a user."""

_OF_PROJECT = re.compile(r"\.envrc|\.env(?:\.(?!example|sample|template|dist|schema)[\w-]{1,64}){0,3}")
"""What direnv and dotenv read; those that are made to be copied hold no secret."""

_SETS = re.compile(
    r"[ \t]*+(?:export[ \t]++|(?:declare|typeset|local)[ \t]++(?:-\w++[ \t]++)*+)?(?P<name>[A-Za-z_]\w*+)(?:=|[ \t]++DEFAULT=)"
    r"|[ \t]*+set(?:[ \t]++-{1,2}[\w-]++)++[ \t]++(?P<fish>[A-Za-z_]\w*+)[ \t]++\S"
    r"|SETUVAR[ \t]++(?:-{1,2}[\w-]++[ \t]++)*+(?P<universal>[A-Za-z_]\w*+):"
    r"|[ \t]*+\$(?i:env):(?P<powershell>[A-Za-z_]\w*+)[ \t]*+="
)
_UNIT = re.compile(r"[ \t]*+Environment[ \t]*+=(?P<pairs>.*)")
_PAIR = re.compile(r"(?:^|[\s\"'])(?P<name>[A-Za-z_]\w*+)=")
_TERMINAL = "terminal.integrated.env."
"""https://code.visualstudio.com/docs/terminal/profiles, 2026-11."""


class Setting(NamedTuple):
    """`at` is what stands behind the path: a line, or a pointer."""

    name: str
    at: str


class Setter(NamedTuple):
    """A file, the project that it may not lead out of, and how names are read from its text. `words` tell for whom it sets."""

    path: str
    within: str
    names: Callable[[str], Iterator[Setting] | Problem]
    words: str


def setters(around: Surroundings) -> Iterator[Setter]:
    home = around.machine.facts.home
    for path in _of_user(around, home):
        yield Setter(path, "", _lines, "for every program")
    for name in _names(around, f"{home}/{_AGENTS}"):
        if name.endswith(".plist"):
            yield Setter(f"{home}/{_AGENTS}/{name}", "", _agent, "for a program that starts by itself")
    for path in _settings(around):
        yield Setter(path, "", _terminals(path), "in terminals of an editor")
    for folder in around.observed.projects:
        for name in _names(around, folder):
            if _OF_PROJECT.fullmatch(name):
                yield Setter(f"{folder}/{name}", folder, _lines, "in a project")
            elif name == ".vscode":
                path = f"{folder}/{name}/settings.json"
                yield Setter(path, folder, _terminals(path), "in terminals of an editor")


def _of_user(around: Surroundings, home: str) -> Iterator[str]:
    yield from (f"{home}/{name}" for name in _PROFILES)
    for folder, ending in _FOLDERS:
        for name in _names(around, f"{home}/{folder}"):
            if name.endswith(ending):
                yield f"{home}/{folder}/{name}"


def _settings(around: Surroundings) -> Iterator[str]:
    """Of every editor that keeps them as VS Code does."""
    top = own_configuration(around.machine.facts)
    for name in around.names(top):
        if "User" in around.names(f"{top}/{name}"):
            yield f"{top}/{name}/User/settings.json"


def _names(around: Surroundings, folder: str) -> tuple[str, ...]:
    return around.names(folder)[:MOST]


def _lines(text: str) -> Iterator[Setting]:
    for number, line in enumerate(text.splitlines(), 1):
        if unit := _UNIT.match(line):
            yield from (Setting(pair["name"], f":{number}") for pair in _PAIR.finditer(unit["pairs"]))
        elif match := _SETS.match(line):
            yield Setting(next(filter(None, match.groups())), f":{number}")


def _agent(text: str) -> Iterator[Setting]:
    """Every key of a property list is spelled out in it, be it in XML or in its binary form."""
    if "EnvironmentVariables" in text:
        yield from (Setting(found[0], "#/EnvironmentVariables") for found in re.finditer(r"[A-Za-z_]\w*+", text))


def _terminals(path: str) -> Callable[[str], Iterator[Setting] | Problem]:
    def names(text: str) -> Iterator[Setting] | Problem:
        value = parsed(text, "jsonc", path) if _TERMINAL in text else {}
        return value if isinstance(value, Problem) else _of_terminals(value)

    return names


def _of_terminals(value: object) -> Iterator[Setting]:
    for key, told in value.items() if isinstance(value, dict) else ():
        if key.startswith(_TERMINAL) and isinstance(told, dict):
            yield from (Setting(name, f"#{pointer((key, name))}") for name, text in told.items() if text is not None)
